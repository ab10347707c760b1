import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { another, demandNoErrors, newcomer, startGroup, texts, wholeHistory } from './support/people.ts';
import { ChatServer } from './support/server.ts';

let server: ChatServer;
beforeAll(async () => {
  server = await ChatServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(demandNoErrors);

const current = async (...clients: Awaited<ReturnType<typeof newcomer>>[]): Promise<void> => {
  for (const client of clients) await eventually(() => client.connection.isCurrent).toBe(true);
};

describe('a message', () => {
  it('O05 is shown at once, and by the same id when the server has it', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    const chat = await ana.direct(ben.user!.userId);
    await eventually(() => chat.snapshot).not.toBeNull();
    await chat.open();
    const seen: unknown[] = [];
    chat.subscribe(() => seen.push(chat.snapshot!.items.map(({ messageId, status }) => [messageId, status])));
    const messageId = await chat.send('hello');
    await eventually(() => chat.snapshot!.items[0]?.status).toBe('done');
    expect(chat.snapshot!.items).toMatchObject([{ messageId, seq: 1, text: 'hello' }]);
    expect(seen).toContainEqual([[messageId, 'waiting']]);
    expect(seen.every((items) => (items as unknown[]).length === 1)).toBe(true);
  });

  it('D08 reaches all devices once and in order, and is told of once', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    await using phone = await another(server.origin, ben);
    await current(ana, ben, phone);
    const told: (string | null)[] = [];
    ben.on('message', ({ text }) => told.push(text));
    const group = await startGroup(ana, [ben]);
    const sent = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    await Promise.all(sent.map((text) => group.send(text)));
    for (const device of [ana, ben, phone]) {
      const copy = device.conversation(group.conversationId);
      await eventually(() => copy.snapshot).not.toBeNull();
      await copy.open();
      await eventually(() => texts(copy)).toEqual(sent);
    }
    expect(told).toEqual(sent);
  });

  it('is edited, reacted to, pinned, deleted and put away, here at once and everywhere in the end', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    await group.open();
    const [first, second, third] = await Promise.all(['one', 'two', 'three'].map((text) => group.send(text)));
    await group.edit(first!, { text: 'ONE' });
    await group.react(first!, '👍');
    await group.pin(first!);
    await group.delete(second!);
    await group.delete(third!, 'me');
    expect(group.snapshot!.items.some(({ status }) => status === 'waiting')).toBe(true);
    await eventually(() => ana.outbox.entries().length).toBe(0);
    const bens = ben.conversation(group.conversationId);
    await bens.open();
    await eventually(() => texts(bens)).toEqual(['ONE', null, 'three']);
    await eventually(() => texts(group)).toEqual(['ONE', null]);
    expect(group.snapshot!.items[0]).toMatchObject({
      pinned: true,
      reactions: [{ emoji: '👍', count: 1, mine: true }],
    });
    await eventually(() => bens.snapshot!.items[0]).toMatchObject({
      pinned: true,
      reactions: [{ emoji: '👍', count: 1, mine: false }],
    });
    const history = await wholeHistory(ana, group.conversationId);
    expect(group.snapshot!.items.map(({ deletedAt }) => deletedAt)).toEqual(history.map(({ deletedAt }) => deletedAt));
  });

  it('that was refused is told so, can be tried again, and keeps nothing from being sent', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ana, [ben]);
    await eventually(() => ben.conversation(group.conversationId).snapshot).not.toBeNull();
    const path = `/v1/conversations/${group.conversationId}`;
    await ana.call({ method: 'PATCH', path, body: { settings: { whoMaySend: 'admins' } } });
    const bens = ben.conversation(group.conversationId);
    const failed = new Promise((resolve) => void ben.on('failed', resolve));
    await bens.send('let me');
    expect(await failed).toMatchObject({ failure: { code: 'auth/forbidden' } });
    await bens.open();
    expect(bens.snapshot!.items).toMatchObject([{ text: 'let me', status: 'failed', seq: null }]);
    await ana.call({ method: 'PATCH', path, body: { settings: { whoMaySend: 'members' } } });
    await bens.send('second');
    await eventually(() => bens.snapshot!.items.map(({ status }) => status)).toEqual(['done', 'failed']);
    await ben.outbox.retry(bens.snapshot!.items[1]!.entryId!);
    await eventually(() => bens.snapshot!.items.map(({ text, status }) => [text, status])).toEqual([
      ['second', 'done'],
      ['let me', 'done'],
    ]);
  });
});

describe('what is read', () => {
  it('may be marked with every change, and is told once', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    const group = await startGroup(ana, [ben]);
    const bens = ben.conversation(group.conversationId);
    let changes = 0;
    bens.subscribe(() => {
      changes += 1;
      void bens.markRead();
    });
    await group.send('a');
    await group.send('b');
    await eventually(() => bens.snapshot?.conversation.me?.readSeq).toBe(2);
    await eventually(() => ben.outbox.entries().length).toBe(0);
    expect(changes).toBeLessThan(30);
  });

  it('D05 counts as the server counts it, on every device', async () => {
    await using ana = await newcomer(server.origin);
    await using ben = await newcomer(server.origin);
    await using phone = await another(server.origin, ben);
    const group = await startGroup(ana, [ben]);
    const ids = await Promise.all(
      ['a', 'b', 'c', 'd'].map((text) => group.send({ text, mentions: [ben.user!.userId] })),
    );
    const counts = (client: typeof ana) => client.feed.map(({ unread, mentions }) => [unread, mentions]);
    await eventually(() => [counts(ben), counts(phone), counts(ana)]).toEqual([[[4, 4]], [[4, 4]], [[0, 0]]]);
    await group.delete(ids[3]!);
    await ben.conversation(group.conversationId).markRead(2);
    expect(counts(ben)).toEqual([[expect.any(Number), expect.any(Number)]]);
    await eventually(() => [counts(ben), counts(phone)]).toEqual([[[1, 1]], [[1, 1]]]);
    await phone.conversation(group.conversationId).markRead();
    expect(counts(phone)).toEqual([[0, 0]]);
    await eventually(() => counts(ben)).toEqual([[0, 0]]);
    await group.open();
    await eventually(() => group.snapshot!.items[0]?.state).toBe('seen');
  });
});
