import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/parley.ts';
import { thisPlatform, type Platform } from '../../client/platform.ts';
import { MemoryStorage } from '../../client/storage/memory.ts';
import { differences, truthOf } from './model/compare.ts';
import { eventually } from './support/eventually.ts';
import { demandNoErrors, newcomer, openClient, startGroup, texts } from './support/people.ts';
import { ChatServer } from './support/server.ts';

let server: ChatServer;
beforeAll(async () => {
  server = await ChatServer.start({}, { realtime: { maxReplayPerConversation: 20 } });
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(demandNoErrors);

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

/** Two people in a group that both know of. */
const pair = async (options: Parameters<typeof newcomer>[1] = {}) => {
  const stack = new AsyncDisposableStack();
  const ana = stack.use(await newcomer(server.origin));
  const ben = stack.use(await newcomer(server.origin, options));
  const group = await startGroup(ana, [ben]);
  const bens = ben.conversation(group.conversationId);
  await eventually(() => bens.snapshot !== null && group.snapshot !== null).toBe(true);
  return { stack, ana, ben, group, bens };
};

const sendAll = async (conversation: ReturnType<Client['conversation']>, all: readonly string[]): Promise<void> => {
  await Promise.all(all.map((text) => conversation.send(text)));
};

const demandTrue = async (...clients: readonly Client[]): Promise<void> => {
  await eventually(async () => {
    const found = await Promise.all(clients.map(async (client) => differences(client, await truthOf(client))));
    return found.flat();
  }).toEqual([]);
};

describe('the copies of a device', () => {
  it('D01 are whole at whatever moment it crashes', async () => {
    const storage = new MemoryStorage();
    const crashes: MemoryStorage[] = [];
    const write = storage.write.bind(storage);
    storage.write = async (changes) => {
      await write(changes);
      if (!changes.has('standing')) return;
      const crash = new MemoryStorage();
      await crash.write(await storage.read(''));
      crashes.push(crash);
    };
    const { stack, ben, group, bens } = await pair({ storage });
    await using _ends = stack;
    await bens.open();
    for (const text of numbers(6)) {
      await group.send(text);
      await eventually(() => texts(bens).at(-1)).toBe(text);
      await ben.flush();
    }
    expect(crashes.length).toBeGreaterThan(5);
    ben.disconnect();
    for (const crash of crashes) {
      const again = await openClient(server.origin, { storage: crash });
      again.connect();
      await eventually(() => again.connection.isCurrent).toBe(true);
      await demandTrue(again);
      const copy = again.conversation(group.conversationId);
      await copy.open();
      await eventually(() => texts(copy)).toEqual(numbers(6));
      await again[Symbol.asyncDispose]();
    }
  });

  it('D02 are brought up to date when more was missed than the server repeats', async () => {
    const { stack, ana, ben, group, bens } = await pair();
    await using _ends = stack;
    await sendAll(group, numbers(3));
    await eventually(() => bens.snapshot?.conversation.lastSeq).toBe(3);
    await bens.open();
    const other = await startGroup(ana, [ben]);
    await eventually(() => ben.feed.length).toBe(2);
    ben.disconnect();
    await sendAll(group, numbers(30));
    await group.edit((await truthOf(ana)).histories.get(group.conversationId)![0]!.messageId, { text: 'edited' });
    await sendAll(other, numbers(25));
    const third = await startGroup(ana, [ben]);
    await sendAll(third, numbers(2));
    await eventually(() => ana.outbox.entries().length).toBe(0);
    ben.connect();
    await eventually(() => ben.connection.isCurrent).toBe(true);
    await demandTrue(ben);
    expect(texts(bens)).toEqual(['edited', '1', '2', ...numbers(30)]);
    expect(ben.feed.map(({ unread }) => unread).toSorted((one, two) => one - two)).toEqual([2, 25, 33]);
  });

  it('D02 forget what the user was removed from while he was away', async () => {
    const { stack, ana, ben, group } = await pair();
    await using _ends = stack;
    await startGroup(ana, [ben]);
    await eventually(() => ben.feed.length).toBe(2);
    ben.disconnect();
    const path = `/v1/conversations/${group.conversationId}/members/${ben.user!.userId}`;
    await sendAll(group, numbers(25));
    await eventually(() => ana.outbox.entries().length).toBe(0);
    await ana.call({ method: 'DELETE', path });
    ben.connect();
    await eventually(() => ben.feed.length).toBe(1);
    expect(ben.conversation(group.conversationId).snapshot).toBeNull();
  });

  it('D03 get from the server what a push has not brought', async () => {
    let isLossy = false;
    let lost = 0;
    const platform: Platform = {
      ...thisPlatform,
      openSocket: (url, subprotocol) => {
        const socket = thisPlatform.openSocket(url, subprotocol);
        const listen = (type: string, listener: (event: { data: unknown; code: number }) => void): void => {
          const heard = (event: { data: unknown; code: number }): void => {
            const isLost = isLossy && type === 'message' && String(event.data).includes('"messageSent"');
            if (isLost) lost += 1;
            else listener(event);
          };
          (socket.addEventListener as (type: string, heard_: typeof heard) => void)(type, heard);
        };
        return {
          addEventListener: listen,
          send: (text) => socket.send(text),
          close: (code) => socket.close(code),
        };
      },
    };
    const { stack, ben, group, bens } = await pair({ platform });
    await using _ends = stack;
    await bens.open();
    await sendAll(group, ['a', 'b']);
    await eventually(() => texts(bens)).toEqual(['a', 'b']);
    isLossy = true;
    await sendAll(group, ['c', 'd']);
    await eventually(() => lost).toBe(2);
    isLossy = false;
    await group.send('e');
    await eventually(() => texts(bens)).toEqual(['a', 'b', 'c', 'd', 'e']);
    await demandTrue(ben);
  });

  it('D04 put a page together with what was pushed while it was fetched', async () => {
    const held = Promise.withResolvers<void>();
    let isHeld = false;
    const platform: Platform = {
      ...thisPlatform,
      fetch: async (url, init) => {
        const answer = await thisPlatform.fetch(url, init);
        if (isHeld && url.includes('/messages?')) await held.promise;
        return answer;
      },
    };
    const { stack, ana, ben, group, bens } = await pair({ platform });
    await using _ends = stack;
    await sendAll(group, ['a', 'b', 'c']);
    await eventually(() => bens.snapshot?.conversation.lastSeq).toBe(3);
    await ben[Symbol.asyncDispose]();
    await using again = await newcomer(server.origin, { platform });
    const path = `/v1/conversations/${group.conversationId}/members/${again.user!.userId}`;
    await ana.call({ method: 'PUT', path, body: {} });
    const copy = again.conversation(group.conversationId);
    await eventually(() => copy.snapshot).not.toBeNull();
    isHeld = true;
    const opening = copy.open();
    await group.open();
    const [first, second] = group.snapshot!.items.map(({ messageId }) => messageId);
    await group.edit(first!, { text: 'A' });
    await group.delete(second!);
    await group.send('d');
    await eventually(() => texts(copy)).toEqual(['d']);
    held.resolve();
    await opening;
    expect(texts(copy)).toEqual(['A', null, 'c', 'd']);
    await demandTrue(again);
  });

  it('D04 take in no members of a conversation that was closed while they were fetched', async () => {
    const held = Promise.withResolvers<void>();
    let asked = 0;
    const platform: Platform = {
      ...thisPlatform,
      fetch: async (url, init) => {
        const answer = await thisPlatform.fetch(url, init);
        if (!url.includes('/members?')) return answer;
        asked += 1;
        await held.promise;
        return answer;
      },
    };
    const { stack, group, bens } = await pair({ platform });
    await using _ends = stack;
    const opening = bens.open();
    await eventually(() => asked).toBe(1);
    bens.close();
    held.resolve();
    await opening;
    expect(bens.snapshot!.members).toBeNull();
    await bens.open();
    await group.send('a');
    await eventually(() => bens.snapshot!.members?.size).toBe(2);
  });

  it('D05 count what is unread without the messages', async () => {
    const { stack, ana, ben, group, bens } = await pair({ settings: { tailMessages: 2 } });
    await using _ends = stack;
    const ids: string[] = [];
    for (const text of numbers(8)) ids.push(await group.send({ text, mentions: [ben.user!.userId] }));
    await eventually(() => ben.feed[0]).toMatchObject({ unread: 8, mentions: 8 });
    expect(bens.snapshot!.items.length).toBe(2);
    await group.delete(ids[0]!);
    await group.edit(ids[1]!, { mentions: [] });
    await bens.delete(ids[2]!, 'me');
    await bens.markRead(2);
    await eventually(() => ben.feed[0]).toMatchObject({ unread: 5, mentions: 5 });
    const path = `/v1/conversations/${group.conversationId}/me`;
    await ben.call({ method: 'PATCH', path, body: { unreadFrom: 1 } });
    await eventually(() => ben.feed[0]).toMatchObject({ unread: 6, mentions: 5 });
    await bens.send('read it all');
    await eventually(() => ben.feed[0]).toMatchObject({ unread: 0, mentions: 0 });
    await demandTrue(ana, ben);
  });

  it('D06 hold a bounded part of a conversation, which moves', async () => {
    const { stack, group, bens } = await pair({ settings: { mostMessages: 20, pageMessages: 8, tailMessages: 3 } });
    await using _ends = stack;
    await sendAll(group, numbers(60));
    await eventually(() => bens.snapshot?.conversation.lastSeq).toBe(60);
    const shown = () => [texts(bens)[0], texts(bens).at(-1), texts(bens).length, bens.snapshot!.hasAfter];
    expect(texts(bens)).toEqual(['57', '58', '59']);
    await bens.open();
    expect(shown()).toEqual(['52', '59', 8, false]);
    await bens.older();
    await bens.older();
    expect(shown()).toEqual(['36', '55', 20, true]);
    await group.send('60');
    await eventually(() => bens.snapshot!.conversation.lastSeq).toBe(61);
    expect(shown()).toEqual(['36', '55', 20, true]);
    await bens.newer();
    expect(shown()).toEqual(['41', '60', 20, false]);
    await bens.around({ seq: 10 });
    expect(shown()).toEqual(['5', '12', 8, true]);
    await bens.latest();
    expect(shown()).toEqual(['53', '60', 8, false]);
    bens.close();
    expect(texts(bens)).toEqual(['58', '59', '60']);
  });

  it('D07 give the same objects until something changes', async () => {
    const { stack, ben, group, bens } = await pair();
    await using _ends = stack;
    const first = await group.send('a');
    await group.send('b');
    await bens.open();
    await eventually(() => texts(bens)).toEqual(['a', 'b']);
    await bens.markRead();
    await eventually(() => ben.outbox.entries().length).toBe(0);
    await eventually(() => bens.snapshot === bens.snapshot && ben.feed === ben.feed).toBe(true);
    const [before, feed] = [bens.snapshot!, ben.feed];
    await group.edit(first, { text: 'A' });
    await eventually(() => texts(bens)).toEqual(['A', 'b']);
    expect(before.items.map(({ text }) => text)).toEqual(['a', 'b']);
    expect(bens.snapshot!.items[0]).not.toBe(before.items[0]);
    expect(bens.snapshot!.items[1]).toBe(before.items[1]);
    expect(ben.feed).not.toBe(feed);
    expect(ben.feed[0]!.lastMessage).toBe(feed[0]!.lastMessage);
  });
});
