import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../schemas/message.ts';
import type { MultiSendResult } from '../../schemas/multi-send.ts';
import { expectProblem, newId, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
beforeAll(async () => {
  server = await openServer();
});
beforeEach(async () => {
  [ann, ben] = await Promise.all([server.person(), server.person()]);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('between two of whom one has blocked the other', () => {
  test.each(['ann blocks ben', 'ben blocks ann'])('nothing is said and nobody added, both ways: %s', async (who) => {
    const direct = await ann.direct(ben);
    const url = `/conversations/${direct}`;
    const sent = await ann.say(direct, 'before');
    const answered = await ben.say(direct, 'answer');
    const group = await ann.group([ben]);
    if (who === 'ann blocks ben') await ann.put(`/blocks/${ben.userId}`);
    else await ben.put(`/blocks/${ann.userId}`);

    const [own, other] = [await ann.group(), await ben.group()];
    for (const refused of [
      await ann.put(`${url}/messages/${newId()}`, { text: 'x' }),
      await ben.put(`${url}/messages/${newId()}`, { text: 'x' }),
      await ann.patch(`${url}/messages/${sent.messageId}`, { text: 'x' }),
      await ben.patch(`${url}/messages/${answered.messageId}`, { text: 'x' }),
      await ann.put(`${url}/messages/${answered.messageId}/reactions/👍`),
      await ann.put(`/conversations/${own}/members/${ben.userId}`),
      await ben.put(`/conversations/${other}/members/${ann.userId}`),
      await ann.post('/conversations', { kind: 'group', name: 'x', memberIds: [ben.userId] }),
      await ben.post('/conversations', { kind: 'channel', name: 'x', memberIds: [ann.userId] }),
    ]) {
      expectProblem(refused, 403, 'contact/blocked');
    }

    // Reading and receipts go on, and so do groups that both are in; a repeat is a repeat.
    expect(await ben.get(`${url}/messages`)).toMatchObject({ status: 200 });
    expect(await ben.put(`${url}/receipts`, { read: 2 })).toMatchObject({ status: 204 });
    expect(await ben.put(`/conversations/${group}/messages/${newId()}`, { text: 'x' })).toMatchObject({ status: 201 });
    expect(await ann.put(`/conversations/${group}/members/${ben.userId}`, { role: 'admin' })).toMatchObject({
      status: 200,
    });
    expect(await ann.put(`${url}/messages/${sent.messageId}`, { text: 'before' })).toMatchObject({ status: 200 });
    expectProblem(await ann.put(`${url}/messages/${newId()}`, { text: 1 }), 400, 'request/invalid');

    await ann.delete(`/blocks/${ben.userId}`);
    await ben.delete(`/blocks/${ann.userId}`);
    expect(await ann.put(`${url}/messages/${newId()}`, { text: 'again' })).toMatchObject({ status: 201 });
  });

  test('no direct conversation begins', async () => {
    await ann.put(`/blocks/${ben.userId}`);
    expectProblem(await ben.put(`/direct/${ann.userId}`), 403, 'contact/blocked');
    expectProblem(await ann.put(`/direct/${ben.userId}`), 403, 'contact/blocked');
  });
});

describe('sending to many', () => {
  const send = (person: Person, body: object) =>
    person.post<MultiSendResult>('/messages', { messageId: newId(), ...body });

  test('answers for each destination the message or the problem, and a repeat answers the same', async () => {
    const [blocked, shy] = [await server.person(), await server.person()];
    await blocked.put(`/blocks/${ann.userId}`);
    await shy.patch('/me', { privacy: { whoMayMessage: 'nobody' } });
    const group = await ann.group([ben]);
    const foreign = await ben.group();
    const body = {
      messageId: newId(),
      text: 'to all',
      destinations: [
        { conversationId: group },
        { userId: ben.userId },
        { conversationId: foreign },
        { userId: blocked.userId },
        { userId: shy.userId },
        { userId: ann.userId },
        { userId: newId() },
      ],
    };
    const first = await ann.post<MultiSendResult>('/messages', body);
    expect(first).toMatchObject({ status: 200, position: expect.any(String) });
    expect(first.body.results.map(({ destination }) => destination)).toEqual(body.destinations);
    const codes = first.body.results.map((result) => ('error' in result ? result.error.code : result.message.text));
    expect(codes).toEqual([
      'to all',
      'to all',
      'conversation/not-found',
      'contact/blocked',
      'contact/required',
      'request/invalid',
      'user/not-found',
    ]);
    const messages = first.body.results.flatMap((result) => ('message' in result ? [result.message] : []));
    expect(new Set([body.messageId, ...messages.map(({ messageId }) => messageId)]).size).toBe(3);
    const again = await ann.post<MultiSendResult>('/messages', body);
    expect(again.status).toBe(200);
    expect(again.body.results.slice(0, 2)).toEqual(first.body.results.slice(0, 2));
    const { body: history } = await ben.get<{ items: Message[] }>(`/conversations/${group}/messages`);
    expect(history.items.map(({ messageId }) => messageId)).toEqual([messages[0]?.messageId]);
    expect(await ben.get('/conversations')).toMatchObject({
      body: { items: [{ lastMessage: { text: 'to all' } }, { lastMessage: { text: 'to all' } }, {}] },
    });
  });

  test('makes a direct conversation only if its message is accepted', async () => {
    const count = async (): Promise<number> =>
      (await ann.get<{ items: unknown[] }>('/conversations?archived=all')).body.items.length;
    const destinations = [{ userId: ben.userId }];
    const refused = await send(ann, { text: 'x', replyTo: newId(), destinations });
    expect(refused.body.results).toMatchObject([{ error: { code: 'message/not-found' } }]);
    const forward = { forwardedFrom: { conversationId: newId(), messageId: newId() } };
    expect((await send(ann, { ...forward, destinations })).body.results).toMatchObject([
      { error: { code: 'message/not-found' } },
    ]);
    expect(await count()).toBe(0);
    expect((await send(ann, { text: 'x', destinations })).body.results).toMatchObject([{ message: { seq: 1 } }]);
    expect(await count()).toBe(1);
  });

  test('reaches the same conversation once, however it is named', async () => {
    const conversationId = await ann.direct(ben);
    const destinations = [{ userId: ben.userId }, { conversationId }, { userId: ben.userId }];
    const { body } = await send(ann, { text: 'once', destinations });
    const ids = body.results.map((result) => ('message' in result ? result.message.messageId : undefined));
    expect(new Set(ids).size).toBe(1);
    expect(await ben.get(`/conversations/${conversationId}`)).toMatchObject({ body: { lastSeq: 1 } });
  });

  test('is refused as a whole for what no conversation would take', async () => {
    const destinations = [{ userId: ben.userId }];
    for (const body of [
      { text: 'x' },
      { text: 'x', destinations: [] },
      { text: 'x', destinations: Array.from({ length: 101 }, () => ({ userId: newId() })) },
      { text: 'x', destinations: [{ userId: ben.userId, conversationId: newId() }] },
      { text: 'x', destinations, expiresInSeconds: 0 },
      { destinations },
    ]) {
      expectProblem(await send(ann, body), 400, 'request/invalid');
    }
    expectProblem(await send(ann, { text: 'x'.repeat(16 * 1024 + 1), destinations }), 422, 'message/too-long');
  });
});
