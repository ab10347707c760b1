import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePosition } from '../../services/position-token.ts';
import type { History, Message, MessageReceipt } from '../../schemas/message.ts';
import { expectProblem, newId, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let eve: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, eve] = await Promise.all([server.person(), server.person(), server.person()]);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('history', () => {
  test('is read before, after, around a seq, at a time, and from its newest page', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}/messages`;
    const sent: Message[] = [];
    for (let index = 1; index <= 7; index += 1) sent.push(await ann.say(conversationId, `m${index}`));
    const page = async (query: string): Promise<readonly unknown[]> => {
      const { body } = await ben.get<History>(`${url}?${query}`);
      return [body.items.map(({ seq }) => seq), body.hasBefore, body.hasAfter];
    };
    expect(await page('limit=3')).toEqual([[5, 6, 7], true, false]);
    expect(await page('')).toEqual([[1, 2, 3, 4, 5, 6, 7], false, false]);
    expect(await page('before=5&limit=3')).toEqual([[2, 3, 4], true, true]);
    expect(await page('before=1')).toEqual([[], false, true]);
    expect(await page('after=5&limit=3')).toEqual([[6, 7], true, false]);
    expect(await page('after=0&limit=2')).toEqual([[1, 2], false, true]);
    expect(await page('around=4&limit=3')).toEqual([[3, 4, 5], true, true]);
    const at = await ben.get<History>(`${url}?at=${sent[3]?.sentAt}&limit=1`);
    expect(at.body.items[0]?.sentAt).toBe(sent[3]?.sentAt);
    expect(await page('at=2000-01-01T00:00:00.000Z&limit=1')).toEqual([[1], false, true]);
    expect(await page('at=2100-01-01T00:00:00.000Z&limit=1')).toEqual([[7], true, false]);
  });

  test.each([
    'before=1&after=2',
    'around=1&at=2000-01-01T00:00:00.000Z',
    'before=-1',
    'before=1.5',
    'before=',
    'at=now',
    'limit=0',
    'limit=201',
    'x=1',
  ])('is refused with %s', async (query) => {
    const conversationId = await ann.group();
    expectProblem(await ann.get(`/conversations/${conversationId}/messages?${query}`), 400, 'request/invalid');
  });

  test('is for members', async () => {
    const conversationId = await ann.group([ben]);
    const { messageId } = await ann.say(conversationId, 'secret');
    for (const path of ['', `/${messageId}`, `/${newId()}`, `/${messageId}/versions`, `/${messageId}/receipts`]) {
      expectProblem(await eve.get(`/conversations/${conversationId}/messages${path}`), 404, 'conversation/not-found');
    }
    expectProblem(await ann.get(`/conversations/${conversationId}/messages/${newId()}`), 404, 'message/not-found');
  });

  test('sees the write whose position it is given, or says that it is behind', async () => {
    const conversationId = await ann.group([ben]);
    const messages = `/conversations/${conversationId}/messages`;
    for (let index = 0; index < 20; index += 1) {
      const { position, body } = await ann.put<Message>(`${messages}/${newId()}`, { text: `${index}` });
      const read = await ben.get<History>(`${messages}?limit=1`, { after: position ?? undefined });
      expect(read.body.items[0]).toMatchObject({ messageId: body.messageId });
    }
    expectProblem(await ben.get(messages, { after: 'x' }), 400, 'request/invalid');
    const ahead = encodePosition((await server.parley.ports.events.head()) + 1_000_000n);
    expectProblem(await ben.get(messages, { after: ahead }), 503, 'read-model/behind');
  });
});

describe('receipts', () => {
  test('never go back, never go beyond the last message, and read implies delivered', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    for (const text of ['one', 'two', 'three']) await ann.say(conversationId, text);
    const mine = async (): Promise<unknown> => (await ben.get<{ me: unknown }>(url)).body.me;
    expect(await ben.put(`${url}/receipts`, { delivered: 2 })).toMatchObject({ status: 204, body: undefined });
    expect(await mine()).toMatchObject({ readSeq: 0, deliveredSeq: 2 });
    await ben.put(`${url}/receipts`, { read: 3 });
    expect(await mine()).toMatchObject({ readSeq: 3, deliveredSeq: 3 });
    expect(await ben.put(`${url}/receipts`, { read: 1, delivered: 1 })).toMatchObject({ status: 204 });
    expect(await mine()).toMatchObject({ readSeq: 3, deliveredSeq: 3 });
    await ben.put(`${url}/receipts`, { read: 99 });
    expect(await mine()).toMatchObject({ readSeq: 3, deliveredSeq: 3 });
    expectProblem(await ben.put(`${url}/receipts`, { read: -1 }), 400, 'request/invalid');
    expectProblem(await eve.put(`${url}/receipts`, { read: 1 }), 404, 'conversation/not-found');
  });

  test('make the state of a message for its sender: the least that all others say', async () => {
    const conversationId = await ann.group([ben, eve]);
    const url = `/conversations/${conversationId}`;
    const { messageId, seq, state } = await ann.say(conversationId, 'hello');
    const stateFor = async (person: Person): Promise<unknown> =>
      (await person.get<Message>(`${url}/messages/${messageId}`)).body.state;
    expect(state).toBe('sent');
    await ben.put(`${url}/receipts`, { read: seq });
    expect(await stateFor(ann)).toBe('sent');
    await eve.put(`${url}/receipts`, { delivered: seq });
    expect(await stateFor(ann)).toBe('delivered');
    expect(await stateFor(ben)).toBeNull();
    await eve.put(`${url}/receipts`, { read: seq });
    expect(await stateFor(ann)).toBe('seen');
    expect(await ann.get(`${url}/messages`)).toMatchObject({ body: { items: [{ state: 'seen' }] } });
    await ben.patch('/me', { privacy: { readReceipts: false } });
    expect(await stateFor(ann)).toBe('delivered');
    await ann.delete(`${url}/members/${ben.userId}`);
    expect(await stateFor(ann)).toBe('seen');
    await ben.patch('/me', { privacy: { readReceipts: true } });
  });

  test('of a message are listed device by device, to its sender only', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    const tablet = await server.anotherDevice(ben);
    const { messageId, seq } = await ann.say(conversationId, 'hello');
    const receipts = `${url}/messages/${messageId}/receipts`;
    expect(await ann.get(receipts)).toMatchObject({ status: 200, body: { items: [], next: null } });
    await ben.put(`${url}/receipts`, { delivered: seq });
    await tablet.put(`${url}/receipts`, { read: seq });
    await ann.put(`${url}/receipts`, { read: seq });
    const { body } = await ann.get<{ items: MessageReceipt[] }>(receipts);
    expect(new Set(body.items)).toEqual(
      new Set([
        { userId: ben.userId, deviceId: ben.deviceId, deliveredAt: expect.any(String), readAt: null },
        { userId: ben.userId, deviceId: tablet.deviceId, deliveredAt: expect.any(String), readAt: expect.any(String) },
      ]),
    );
    const paged: MessageReceipt[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: { body: { items: MessageReceipt[]; next: string | null } } = await ann.get(
        `${receipts}?limit=1${next && `&cursor=${next}`}`,
      );
      paged.push(...page.body.items);
      next = page.body.next;
    }
    expect(paged).toEqual(body.items);
    expectProblem(await ben.get(receipts), 403, 'auth/forbidden');
    await ben.patch('/me', { privacy: { readReceipts: false } });
    const hidden = await ann.get<{ items: MessageReceipt[] }>(receipts);
    expect(hidden.body.items.map(({ readAt }) => readAt)).toEqual([null, null]);
    await ben.patch('/me', { privacy: { readReceipts: true } });
  });
});
