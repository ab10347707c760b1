import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentStoreUnavailable } from '../../ports/document-store.ts';
import { encodePosition } from '../../services/position-token.ts';
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

describe('read receipts', () => {
  it('of one who hides them, and to one who hides his own, are told as delivered only', async () => {
    const [ada, hider, cid] = (await people(node, 3)) as [SignedIn, SignedIn, SignedIn];
    const id = await group(node, ada, [hider, cid]);
    const clients = await ready(node, ada, hider, cid);
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
    const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
    const id = await group(node, ada, []);
    const clients = await ready(node, ada, ben, await node.signIn(ben.userId));
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
    const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
    using client = await Client.ready(node, ben);
    await node.messaging.conversations.direct(ada, ben.userId);
    expect((await client.event('conversationStarted')).event.conversation).toMatchObject({
      kind: 'direct',
      memberCount: 2,
    });
  });
});

it('shows one who was added what he may see, also where adding him had to be told twice', async () => {
  let isAway = false;
  await using own = await startNode({
    before: (models) => ({
      ...models,
      feed: {
        ...models.feed,
        async conversation(id) {
          if (isAway) throw new DocumentStoreUnavailable();
          return await models.feed.conversation(id);
        },
      },
    }),
  });
  const [ada, ben] = (await people(own, 2)) as [SignedIn, SignedIn];
  const id = await group(own, ada, []);
  const { messages, members } = own.messaging;
  const messageId = v7();
  await messages.send(ada, id, messageId, { text: 'a' });
  const since = encodePosition(await own.events.head());
  await messages.send(ada, id, v7(), { text: 'missed by nobody' });
  using phone = await Client.ready(own, ben);
  isAway = true;
  await members.put(ada, id, ben.userId, undefined);
  await expect.poll(() => own.gateway.status().failing).toBe(true);
  using laptop = await Client.ready(own, await own.signIn(ben.userId), since);
  isAway = false;
  await messages.edit(ada, id, messageId, { text: 'b' });
  for (const client of [phone, laptop]) {
    const frames = await whole(client, id, 2);
    expect(frames.map(({ event }) => event.type)).toEqual(['memberAdded', 'messageEdited']);
  }
});
