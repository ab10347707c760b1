import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { thisPlatform } from '../../client/platform.ts';
import { openFileStorage } from '../../client/storage/file.ts';
import { MemoryStorage } from '../../client/storage/memory.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { demandNoErrors, newcomer, openClient, startGroup, texts, wholeHistory } from './support/people.ts';
import { ChatServer } from './support/server.ts';

let server: ChatServer;
beforeAll(async () => {
  server = await ChatServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(demandNoErrors);

const pair = async () => {
  const [ana, ben] = [await newcomer(server.origin), await newcomer(server.origin)];
  const group = await startGroup(ana, [ben]);
  const bens = ben.conversation(group.conversationId);
  await eventually(() => bens.snapshot !== null && group.snapshot !== null).toBe(true);
  await Promise.all([group.open(), bens.open()]);
  return { ana, ben, group, bens };
};

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

describe('a line that', () => {
  it('is cut again and again loses and doubles nothing', async () => {
    const { ana, ben, group, bens } = await pair();
    await using stack = new AsyncDisposableStack();
    stack.use(ana);
    stack.use(ben);
    for (let round = 0; round < 8; round += 1) {
      const sent = numbers(round * 5, round * 5 + 5).map((text) => group.send(text));
      server.proxy.cut();
      await Promise.all(sent);
      await eventually(
        () => ana.outbox.entries().filter(({ operation }) => operation.type === 'send').length,
      ).toBeLessThan(3);
    }
    for (const conversation of [group, bens]) {
      await eventually(() => texts(conversation)).toEqual(numbers(0, 40));
    }
    const history = await wholeHistory(ana, group.conversationId);
    expect(history.map(({ text }) => text)).toEqual(numbers(0, 40));
  });

  it('goes dead is found out, and replaced', async () => {
    const { ana, ben, group, bens } = await pair();
    await using stack = new AsyncDisposableStack();
    stack.use(ana);
    stack.use(ben);
    server.proxy.freeze();
    await group.send('into the void');
    await eventually(() => ana.connection.state).not.toBe('live');
    server.proxy.thaw();
    await eventually(() => texts(bens)).toEqual(['into the void']);
    await eventually(() => group.snapshot!.items.map(({ status }) => status)).toEqual(['done']);
  });

  it('ends because the server restarts comes back by itself', async () => {
    const { ana, ben, group, bens } = await pair();
    await using stack = new AsyncDisposableStack();
    stack.use(ana);
    stack.use(ben);
    await group.send('before');
    await server.stop();
    await group.send('while it is away');
    await bens.send('me too');
    await server.start();
    for (const conversation of [group, bens]) {
      await eventually(() => new Set(texts(conversation))).toEqual(new Set(['before', 'me too', 'while it is away']));
    }
  });
});

describe('what was not sent before the client ended', () => {
  it('O06 is sent by the next one on the same storage, once', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.folder, 'client');
    const storage = await openFileStorage(file);
    const ana = await newcomer(server.origin, { storage });
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    await group.send('one');
    await eventually(() => ana.outbox.entries()).toEqual([]);
    ana.disconnect();
    await group.send('two');
    await group.send('three');
    await ana[Symbol.asyncDispose]();

    await using again = await openClient(server.origin, { storage: await openFileStorage(file) });
    const copy = again.conversation(group.conversationId);
    expect(again.user).toEqual(ana.user);
    expect(copy.snapshot!.items.map(({ text, status }) => [text, status])).toEqual([
      ['one', 'done'],
      ['two', 'waiting'],
      ['three', 'waiting'],
    ]);
    again.connect();
    await eventually(() => copy.snapshot!.items.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(texts(copy)).toEqual(['one', 'two', 'three']);
    const history = await wholeHistory(ben, group.conversationId);
    expect(history.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it('and what came meanwhile is there without asking for everything again', async () => {
    const storage = new MemoryStorage();
    const ana = await newcomer(server.origin, { storage });
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ben, [ana]);
    await group.send('one');
    await eventually(() => ana.feed[0]?.lastMessage?.text).toBe('one');
    await ana[Symbol.asyncDispose]();
    await group.send('two');

    const asked: string[] = [];
    const platform = {
      ...thisPlatform,
      fetch: (url: string, init: RequestInit) => {
        asked.push(url);
        return thisPlatform.fetch(url, init);
      },
    };
    await using again = await openClient(server.origin, { storage, platform });
    again.connect();
    await eventually(() => again.feed[0]?.lastMessage?.text).toBe('two');
    expect(again.feed[0]).toMatchObject({ unread: 2 });
    expect(asked).toEqual([]);
  });
});
