import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './support/client.ts';
import { group, people, ready, whole } from './support/group.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

describe('every device of every member, the sending one included, gets', () => {
  it('every event of a conversation, of every kind', async () => {
    const [ada, ben, eve] = (await people(node, 3)) as [SignedIn, SignedIn, SignedIn];
    const clients = await ready(node, ada, await node.signIn(ada.userId), ben);
    const [first] = clients as [Client];
    using outsider = await Client.ready(node, eve);
    const id = await group(node, ada, [ben]);
    const { conversations, members } = node.messaging;
    const messageId = v7();
    const about = { conversationId: id, messageId };
    await first.send(id, 'hello', messageId);
    for (const request of [
      { type: 'edit', ...about, text: 'hello!' },
      { type: 'react', ...about, emoji: '👍' },
      { type: 'unreact', ...about, emoji: '👍' },
      { type: 'pin', ...about },
      { type: 'unpin', ...about },
      { type: 'receipt', conversationId: id, delivered: 1 },
      { type: 'delete', ...about, for: 'everyone' },
    ]) {
      expect(await first.ask(request)).not.toHaveProperty('error');
    }
    await conversations.change(ada, id, { name: 'new', topic: 'topic' });
    await conversations.change(ada, id, { settings: { whoMaySend: 'admins' } });
    await members.put(ada, id, eve.userId, 'reader');
    await members.put(ada, id, eve.userId, 'member');
    await members.remove(ada, id, eve.userId);
    await conversations.close(ada, id);

    const message = { messageId, conversationId: id, senderId: ada.userId, seq: 1, state: null };
    const expected = [
      { type: 'conversationStarted', conversation: { conversationId: id, name: 'g', memberCount: 2, me: null } },
      { type: 'messageSent', message: { ...message, text: 'hello', revision: 1, reactions: [] } },
      { type: 'messageEdited', message: { ...message, editedAt: expect.any(String) } },
      { type: 'reactionAdded', messageId, userId: ada.userId, emoji: '👍' },
      { type: 'reactionRemoved', messageId, userId: ada.userId, emoji: '👍' },
      { type: 'pinned', messageId, by: ada.userId },
      { type: 'unpinned', messageId, by: ada.userId },
      { type: 'receipts', receipts: [{ userId: ada.userId, deviceId: ada.deviceId, delivered: 1 }] },
      { type: 'messageDeleted', messageId, seq: 1 },
      { type: 'conversationChanged', name: 'new', topic: 'topic' },
      { type: 'conversationChanged', settings: { whoMaySend: 'admins' } },
      { type: 'memberAdded', userId: eve.userId, role: 'reader' },
      { type: 'memberChanged', userId: eve.userId, role: 'member' },
      { type: 'memberRemoved', userId: eve.userId, by: ada.userId },
      { type: 'conversationClosed', by: ada.userId },
    ];
    for (const client of clients) {
      const frames = await whole(client, id, expected.length);
      expect(frames.map(({ event }) => event)).toMatchObject(expected);
      expect(frames.map(({ at }) => at)).toEqual(frames.map(() => expect.stringMatching(/^20.+Z$/)));
      client[Symbol.dispose]();
    }
    expect(outsider.events(id).map(({ event }) => event.type)).toEqual([
      'memberAdded',
      'memberChanged',
      'memberRemoved',
    ]);
  });

  it('the same frames, byte for byte, but for what depends on who looks', async () => {
    const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
    const id = await group(node, ada, [ben]);
    const [one, two] = (await ready(node, ada, ben)) as [Client, Client];
    await one.send(id, 'a');
    const frames = await Promise.all([one, two].map(async (client) => await client.event('messageSent')));
    expect(frames[0]).toEqual(frames[1]);
    expect(frames[0]?.event.message).toMatchObject({ state: null, reactions: [] });
  });

  it('what many send at the same time in the same order, none missing, none twice', async () => {
    const callers = await people(node, 4);
    const [first, ...rest] = callers as [SignedIn, ...SignedIn[]];
    const id = await group(node, first, rest);
    const clients = await ready(node, ...callers);
    const each = 60;
    await Promise.all(
      clients.flatMap((client, who) => Array.from({ length: each }, (_, n) => client.send(id, `${who}/${n}`))),
    );
    const seen = await Promise.all(clients.map((client) => whole(client, id, each * 4)));
    for (const frames of seen) expect(frames).toEqual(seen[0]);
    const texts = seen[0]!.map(({ event }) => (event.type === 'messageSent' ? event.message.text : ''));
    expect(new Set(texts).size).toBe(each * 4);
    for (const who of clients.keys()) {
      const own = texts.filter((text) => text?.startsWith(`${who}/`));
      expect(own).toEqual(Array.from({ length: each }, (_, n) => `${who}/${n}`));
    }
    for (const client of clients) client[Symbol.dispose]();
  });
});

describe('what a device may not see', () => {
  it('comes as hidden: own views of others, and invites', async () => {
    const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
    const id = await group(node, ada, [ben]);
    const [own, other] = (await ready(node, ada, ben)) as [Client, Client];
    await own.send(id, 'a');
    await node.messaging.conversations.changeOwnView(ada, id, { pinned: true });
    await node.messaging.conversations.clearHistory(ada, id);
    await node.messaging.invites.create(ada, id, {}, 'https://parley.example');
    await own.send(id, 'b');
    for (const client of [own, other]) {
      const types = (await whole(client, id, 5)).map(({ event }) => event.type);
      expect(types).toEqual(['messageSent', 'hidden', 'hidden', 'hidden', 'messageSent']);
    }
    expect(other.frames.filter(({ type }) => type === 'me')).toEqual([]);
  });

  it('comes as hidden: a message that he has deleted for himself, cleared, or that came before he joined', async () => {
    const [ada, ben, cid, dan] = (await people(node, 4)) as [SignedIn, SignedIn, SignedIn, SignedIn];
    const id = await group(node, ada, [ben, cid], { history: 'since-joining' });
    const clients = await ready(node, ada, ben, cid, dan);
    const [a, b, c, d] = clients as [Client, Client, Client, Client];
    const messageId = v7();
    await a.send(id, 'secret', messageId);
    await b.ask({ type: 'delete', conversationId: id, messageId, for: 'me' });
    await node.messaging.conversations.clearHistory(cid, id);
    await node.messaging.members.put(ada, id, dan.userId, undefined);
    await a.ask({ type: 'edit', conversationId: id, messageId, text: 'still secret' });
    await a.ask({ type: 'react', conversationId: id, messageId, emoji: '👍' });
    const { revision } = await a.event('reactionAdded');
    for (const client of [b, c, d]) {
      await client.frame((frame) => frame.type === 'event' && frame.revision === revision);
      const last = client.events(id).slice(-2);
      expect(last.map(({ event }) => event)).toEqual([{ type: 'hidden' }, { type: 'hidden' }]);
    }
    // A device that connects later sees no more.
    using late = await Client.ready(node, await node.signIn(ben.userId));
    await a.ask({ type: 'unreact', conversationId: id, messageId, emoji: '👍' });
    await late.frame((frame) => frame.type === 'event' && frame.revision === revision + 1);
    expect(late.events(id).map(({ event }) => event)).toEqual([{ type: 'hidden' }]);
    for (const client of clients) client[Symbol.dispose]();
  });

  it('is shown once everyone may see the whole history', async () => {
    const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
    const id = await group(node, ada, [], { history: 'since-joining' });
    const [a, b] = (await ready(node, ada, ben)) as [Client, Client];
    const messageId = v7();
    await a.send(id, 'old', messageId);
    await node.messaging.members.put(ada, id, ben.userId, undefined);
    await node.messaging.conversations.change(ada, id, { settings: { history: 'all' } });
    await a.ask({ type: 'edit', conversationId: id, messageId, text: 'newer' });
    expect((await b.event('messageEdited')).event.message).toMatchObject({ text: 'newer' });
  });
});

describe('changes of the own view', () => {
  it('come to all own devices as me frames, with the unread count', async () => {
    const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
    const second = await node.signIn(ada.userId);
    const id = await group(node, ada, [ben]);
    const clients = await ready(node, ada, second, ben);
    const [a1, a2, b] = clients as [Client, Client, Client];
    const ids = [v7(), v7(), v7()];
    for (const messageId of ids) await b.send(id, 'a', messageId);
    const { conversations } = node.messaging;
    const steps: [() => Promise<unknown>, object][] = [
      [
        () => a1.ask({ type: 'receipt', conversationId: id, read: 2 }),
        { me: { readSeq: 2, deliveredSeq: 2, unread: 1 } },
      ],
      [() => conversations.changeOwnView(ada, id, { pinned: true }), { me: { pinned: true, unread: 1 } }],
      [() => conversations.changeOwnView(ada, id, { unreadFrom: 1 }), { me: { readSeq: 0, unread: 3 } }],
      [() => conversations.changeOwnView(ada, id, { mutedUntil: 'forever' }), { me: { mutedUntil: 'forever' } }],
      [() => conversations.changeOwnView(ada, id, { archived: true }), { me: { archived: true } }],
      [
        () => a2.ask({ type: 'delete', conversationId: id, messageId: ids[1]!, for: 'me' }),
        { me: { unread: 2 }, hidden: [ids[1]] },
      ],
      [() => conversations.clearHistory(ada, id), { me: { unread: 0 }, clearedSeq: 3 }],
    ];
    for (const [count, [act, expected]] of steps.entries()) {
      await act();
      for (const client of [a1, a2]) {
        const mine = () => client.frames.filter(({ type }) => type === 'me');
        await expect.poll(() => mine().length).toBe(count + 1);
        expect(mine().at(-1)).toMatchObject({ type: 'me', conversationId: id, ...expected });
      }
    }
    expect(b.frames.filter(({ type }) => type === 'me')).toEqual([]);
    for (const client of clients) client[Symbol.dispose]();
  });
});

it('costs an event nothing when nobody listens', async () => {
  const ada = await node.signIn();
  const id = await group(node, ada, []);
  const before = node.gateway.metrics.eventsPushed;
  const { position } = await node.messaging.messages.send(ada, id, v7(), { text: 'a' });
  await expect.poll(() => node.gateway.status().position >= position).toBe(true);
  expect(node.gateway.metrics.eventsPushed).toBe(before);
});
