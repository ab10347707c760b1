import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePosition } from '../../services/position-token.ts';
import { Client, type EventFrame } from './support/client.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

const group = async (owner: SignedIn, others: readonly SignedIn[], settings = {}): Promise<string> => {
  const memberIds = others.map(({ userId }) => userId);
  const body = { kind: 'group', name: 'g', memberIds, settings } as const;
  return (await node.messaging.conversations.start(owner, body)).result.conversationId;
};
const people = async (count: number): Promise<SignedIn[]> =>
  await Promise.all(Array.from({ length: count }, () => node.signIn()));
const ready = async (...callers: readonly SignedIn[]): Promise<Client[]> =>
  await Promise.all(callers.map((caller) => Client.ready(node, caller)));

/** Waits until the client has the conversation's newest event; then every frame of it is there, in order, once. */
const whole = async (client: Client, conversationId: string, count: number): Promise<readonly EventFrame[]> => {
  await expect.poll(() => client.events(conversationId).length).toBeGreaterThanOrEqual(count);
  const frames = client.events(conversationId);
  const first = frames[0]!.revision;
  expect(frames.map(({ revision }) => revision)).toEqual(frames.map((_, n) => first + n));
  const positions = client.frames.flatMap((frame) =>
    'position' in frame && frame.position && frame.type !== 'reply' ? [decodePosition(frame.position)] : [],
  );
  expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)));
  return frames;
};

describe('every device of every member, the sending one included, gets', () => {
  it('every event of a conversation, of every kind', async () => {
    const [ada, ben, eve] = (await people(3)) as [SignedIn, SignedIn, SignedIn];
    const clients = await ready(ada, await node.signIn(ada.userId), ben);
    const [first] = clients as [Client];
    using outsider = await Client.ready(node, eve);
    const id = await group(ada, [ben]);
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
      client[Symbol.dispose]();
    }
    expect(outsider.events(id).map(({ event }) => event.type)).toEqual([
      'memberAdded',
      'memberChanged',
      'memberRemoved',
    ]);
  });

  it('the same frames, byte for byte, but for what depends on who looks', async () => {
    const [ada, ben] = (await people(2)) as [SignedIn, SignedIn];
    const id = await group(ada, [ben]);
    const [one, two] = (await ready(ada, ben)) as [Client, Client];
    await one.send(id, 'a');
    const frames = await Promise.all([one, two].map(async (client) => await client.event('messageSent')));
    expect(frames[0]).toEqual(frames[1]);
    expect(frames[0]?.event.message).toMatchObject({ state: null, reactions: [] });
  });

  it('what many send at the same time in the same order, none missing, none twice', async () => {
    const callers = await people(4);
    const [first, ...rest] = callers as [SignedIn, ...SignedIn[]];
    const id = await group(first, rest);
    const clients = await ready(...callers);
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
    const [ada, ben] = (await people(2)) as [SignedIn, SignedIn];
    const id = await group(ada, [ben]);
    const [own, other] = (await ready(ada, ben)) as [Client, Client];
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
    const [ada, ben, cid, dan] = (await people(4)) as [SignedIn, SignedIn, SignedIn, SignedIn];
    const id = await group(ada, [ben, cid], { history: 'since-joining' });
    const clients = await ready(ada, ben, cid, dan);
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
    const [ada, ben] = (await people(2)) as [SignedIn, SignedIn];
    const id = await group(ada, [], { history: 'since-joining' });
    const [a, b] = (await ready(ada, ben)) as [Client, Client];
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
    const [ada, ben] = (await people(2)) as [SignedIn, SignedIn];
    const second = await node.signIn(ada.userId);
    const id = await group(ada, [ben]);
    const clients = await ready(ada, second, ben);
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

describe('read receipts', () => {
  it('of one who hides them, and to one who hides his own, are told as delivered only', async () => {
    const [ada, hider, cid] = (await people(3)) as [SignedIn, SignedIn, SignedIn];
    const id = await group(ada, [hider, cid]);
    const clients = await ready(ada, hider, cid);
    const [a, h, c] = clients as [Client, Client, Client];
    const show = async (readReceipts: boolean): Promise<void> => {
      const command = { type: 'ChangeProfile', data: { privacy: { readReceipts } } } as const;
      await node.bus.user(hider.userId, { commandId: v7(), actorId: hider.userId, command });
    };
    const received = async (client: Client, of: SignedIn, read: number): Promise<unknown> => {
      const frame = await client.event('receipts', ({ event }) => {
        const [receipt] = event.receipts;
        return receipt?.userId === of.userId && (receipt.read ?? receipt.delivered) === read;
      });
      return { ...frame.event.receipts[0], userId: undefined, deviceId: undefined };
    };
    for (let n = 0; n < 4; n += 1) await a.send(id, String(n));
    await show(true);
    await h.ask({ type: 'receipt', conversationId: id, read: 1 });
    expect(await received(a, hider, 1)).toMatchObject({ read: 1 });
    await show(false);
    await h.ask({ type: 'receipt', conversationId: id, read: 3 });
    for (const client of clients) expect(await received(client, hider, 3)).toEqual({ delivered: 3 });
    await c.ask({ type: 'receipt', conversationId: id, read: 3 });
    expect(await received(a, cid, 3)).toMatchObject({ read: 3 });
    expect(await received(h, cid, 3)).toEqual({ delivered: 3 });
    const me = (await h.frame((frame) => frame.type === 'me' && frame.me.readSeq === 3)) as object;
    expect(me).toMatchObject({ me: { unread: 1 } });
    // One who connects while he hides is treated the same.
    using again = await Client.ready(node, await node.signIn(hider.userId));
    await c.ask({ type: 'receipt', conversationId: id, read: 4 });
    expect(await received(again, cid, 4)).toEqual({ delivered: 4 });
    for (const client of clients) client[Symbol.dispose]();
  });
});

describe('membership', () => {
  it('begins with memberAdded and the conversation, ends with memberRemoved, and may begin again', async () => {
    const [ada, ben] = (await people(2)) as [SignedIn, SignedIn];
    const id = await group(ada, []);
    const clients = await ready(ada, ben, await node.signIn(ben.userId));
    const [a, b, b2] = clients as [Client, Client, Client];
    const { members } = node.messaging;
    await a.send(id, 'before');
    await members.put(ada, id, ben.userId, undefined);
    await a.send(id, 'during');
    await members.remove(ada, id, ben.userId);
    await a.send(id, 'after');
    await members.put(ada, id, ben.userId, undefined);
    await a.send(id, 'again');
    const added = { type: 'memberAdded', userId: ben.userId, role: 'member' };
    const conversation = { conversationId: id, name: 'g', memberCount: 2, me: null };
    for (const client of [b, b2]) {
      await client.event('messageSent', ({ event }) => event.message.text === 'again');
      expect(client.events(id).map(({ event }) => event)).toMatchObject([
        { ...added, conversation },
        { type: 'messageSent', message: { text: 'during' } },
        { type: 'memberRemoved', userId: ben.userId, by: ada.userId },
        { ...added, conversation },
        { type: 'messageSent', message: { text: 'again' } },
      ]);
    }
    const others = (await whole(a, id, 7)).map(({ event }) => event).filter(({ type }) => type === 'memberAdded');
    expect(others).toEqual([added, added]);
    for (const client of clients) client[Symbol.dispose]();
  });

  it('of a direct conversation reaches the partner when it is made', async () => {
    const [ada, ben] = (await people(2)) as [SignedIn, SignedIn];
    using client = await Client.ready(node, ben);
    await node.messaging.conversations.direct(ada, ben.userId);
    expect((await client.event('conversationStarted')).event.conversation).toMatchObject({
      kind: 'direct',
      memberCount: 2,
    });
  });
});

it('costs an event nothing when nobody listens', async () => {
  const ada = await node.signIn();
  const id = await group(ada, []);
  const before = node.gateway.metrics.eventsPushed;
  const { position } = await node.messaging.messages.send(ada, id, v7(), { text: 'a' });
  await expect.poll(() => node.gateway.status().position >= position).toBe(true);
  expect(node.gateway.metrics.eventsPushed).toBe(before);
});
