import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../schemas/message.ts';
import { expectProblem, newId, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let eve: Person;
let conversationId: string;
let url: string;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, eve] = await Promise.all([server.person(), server.person(), server.person()]);
  conversationId = await ann.group([ben]);
  url = `/conversations/${conversationId}`;
});
afterAll(() => server[Symbol.asyncDispose]());

describe('editing', () => {
  test('replaces what is given, clears what is null, and leaves the rest', async () => {
    const { messageId } = await ben.say(conversationId, { text: 'one', custom: { a: 1 }, mentions: ['everyone'] });
    const message = `${url}/messages/${messageId}`;
    const edited = await ben.patch<Message>(message, { text: 'two' });
    expect(edited).toMatchObject({
      status: 200,
      position: expect.any(String),
      body: { text: 'two', custom: { a: 1 }, mentions: ['everyone'], editedAt: expect.any(String), state: 'sent' },
    });
    expect(await ben.patch(message, { text: 'two', custom: { a: 1 } })).toMatchObject({
      status: 200,
      body: edited.body,
    });
    expect(await ben.patch(message, { custom: null, mentions: null })).toMatchObject({
      body: { text: 'two', custom: null, mentions: [] },
    });
    expectProblem(await ben.patch(message, { text: null }), 400, 'request/invalid');
    expectProblem(await ben.patch(message, { replyTo: newId() }), 400, 'request/invalid');
    expectProblem(await ben.patch(message, { text: 'x'.repeat(16 * 1024 + 1) }), 422, 'message/too-long');
  });

  test('is for the author, while he may send, and as long as the message is there', async () => {
    const { messageId } = await ben.say(conversationId, 'one');
    const message = `${url}/messages/${messageId}`;
    expectProblem(await ann.patch(message, { text: 'x' }), 403, 'message/not-editable');
    expectProblem(await eve.patch(message, { text: 'x' }), 404, 'conversation/not-found');
    expectProblem(await ben.patch(`${url}/messages/${newId()}`, { text: 'x' }), 404, 'message/not-found');
    await ann.patch(url, { settings: { whoMaySend: 'admins' } });
    expectProblem(await ben.patch(message, { text: 'x' }), 403, 'auth/forbidden');
    await ann.patch(url, { settings: { whoMaySend: 'members' } });
    await ann.delete(`${message}?for=everyone`);
    expectProblem(await ben.patch(message, { text: 'x' }), 403, 'message/not-editable');
  });

  test('keeps every version, oldest first, the last one as it is now', async () => {
    const { messageId } = await ben.say(conversationId, { text: 'one', custom: { a: 1 } });
    const message = `${url}/messages/${messageId}`;
    await ben.patch(message, { text: 'two', mentions: [ann.userId] });
    await ben.patch(message, { custom: null });
    const { body } = await ann.get<{ items: { editedAt: string | null }[] }>(`${message}/versions`);
    expect(body).toEqual({
      items: [
        { text: 'one', attachments: [], mentions: [], custom: { a: 1 }, editedAt: null },
        { text: 'two', attachments: [], mentions: [ann.userId], custom: { a: 1 }, editedAt: expect.any(String) },
        { text: 'two', attachments: [], mentions: [ann.userId], custom: null, editedAt: expect.any(String) },
      ],
      next: null,
    });
    const present = await ann.get<Message>(message);
    expect(body.items.at(-1)?.editedAt).toBe(present.body.editedAt);
    const first = await ann.get<{ items: unknown[]; next: string }>(`${message}/versions?limit=2`);
    const second = await ann.get(`${message}/versions?limit=2&cursor=${first.body.next}`);
    expect([...first.body.items, ...(second.body as { items: unknown[] }).items]).toEqual(body.items);
    expect(second.body).toMatchObject({ next: null });
    expectProblem(await eve.get(`${message}/versions`), 404, 'conversation/not-found');
    await ben.delete(`${message}?for=everyone`);
    expect(await ann.get(`${message}/versions`)).toMatchObject({ body: { items: [], next: null } });
  });
});

describe('deleting', () => {
  test('for everyone keeps the place and takes the content away', async () => {
    const { messageId, seq } = await ben.say(conversationId, { text: 'one', mentions: [ann.userId], custom: { a: 1 } });
    const message = `${url}/messages/${messageId}`;
    await ann.put(`${message}/reactions/👍`);
    await ann.put(`${message}/pin`);
    expect(await ben.delete(`${message}?for=everyone`)).toMatchObject({ status: 204, body: undefined });
    expect(await ben.delete(`${message}?for=everyone`)).toMatchObject({ status: 204 });
    expect(await ann.get(message)).toMatchObject({
      status: 200,
      body: {
        seq,
        deletedAt: expect.any(String),
        text: null,
        custom: null,
        forwardedFrom: null,
        attachments: [],
        mentions: [],
        reactions: [],
        pinned: false,
      },
    });
    expectProblem(await ann.put(`${message}/reactions/👍`), 404, 'message/not-found');
    expectProblem(await ann.put(`${message}/pin`), 404, 'message/not-found');
    expect(await ann.get(`${url}/pins`)).toMatchObject({ body: { items: [] } });
  });

  test('for everyone is for the author and admins, and the query must say for whom', async () => {
    const { messageId } = await ann.say(conversationId, 'mine');
    const message = `${url}/messages/${messageId}`;
    expectProblem(await ben.delete(`${message}?for=everyone`), 403, 'auth/forbidden');
    expectProblem(await ben.delete(message), 400, 'request/invalid');
    expectProblem(await ben.delete(`${message}?for=us`), 400, 'request/invalid');
    expectProblem(await ben.delete(`${url}/messages/${newId()}?for=everyone`), 404, 'message/not-found');
    expectProblem(await eve.delete(`${message}?for=me`), 404, 'conversation/not-found');
    const direct = await ann.direct(ben);
    const hers = await ann.say(direct, 'hers');
    expectProblem(
      await ben.delete(`/conversations/${direct}/messages/${hers.messageId}?for=everyone`),
      403,
      'auth/forbidden',
    );
  });

  test('for oneself takes it from every list and by id, for nobody else', async () => {
    const before = await ann.say(conversationId, 'before');
    const { messageId, seq } = await ann.say(conversationId, { text: 'hide me', thread: before.messageId });
    const message = `${url}/messages/${messageId}`;
    await ann.put(`${message}/pin`);
    expect(await ben.delete(`${message}?for=me`)).toMatchObject({ status: 204 });
    expect(await ben.delete(`${message}?for=me`)).toMatchObject({ status: 204 });
    for (const part of ['', '/versions']) expectProblem(await ben.get(message + part), 404, 'message/not-found');
    const lists = [
      '/messages',
      `/messages?around=${seq}`,
      `/messages?after=${seq - 1}`,
      `/messages?before=${seq + 1}`,
      `/threads/${before.messageId}/messages`,
      '/pins',
    ];
    for (const list of lists) {
      const { body } = await ben.get<{ items: Message[] }>(url + list);
      expect(body.items.map((item) => item.messageId)).not.toContain(messageId);
    }
    const changes = await ben.get<{ messages: Message[] }>(`${url}/changes?limit=200`);
    expect(changes.body.messages.map((item) => item.messageId)).not.toContain(messageId);
    for (const write of [
      await ben.put(`${message}/reactions/👍`),
      await ben.put(`${message}/pin`),
      await ben.put(`${url}/messages/${newId()}`, { text: 'x', replyTo: messageId }),
    ]) {
      expectProblem(write, 404, 'message/not-found');
    }
    expect(await ann.get(message)).toMatchObject({ status: 200, body: { text: 'hide me' } });
  });
});

describe('reactions and pins', () => {
  test('are one for each user and emoji, and change the message’s revision', async () => {
    const { messageId, revision } = await ann.say(conversationId, 'react');
    const message = `${url}/messages/${messageId}`;
    const thumb = `${message}/reactions/${encodeURIComponent('👍🏽')}`;
    for (const person of [ann, ben, ann]) expect(await person.put(thumb)).toMatchObject({ status: 204 });
    await ben.put(`${message}/reactions/${encodeURIComponent('👨‍👩‍👧')}`);
    expect(await ann.get(message)).toMatchObject({
      body: {
        revision: revision + 3,
        reactions: [
          { emoji: '👍🏽', count: 2, mine: true },
          { emoji: '👨‍👩‍👧', count: 1, mine: false },
        ],
      },
    });
    for (const _ of [1, 2]) expect(await ann.delete(thumb)).toMatchObject({ status: 204 });
    expect(await ann.get(message)).toMatchObject({ body: { reactions: [{ count: 1, mine: false }, { count: 1 }] } });
    for (const bad of ['x', '👍👍', '1', ' ', '🇦']) {
      expectProblem(await ann.put(`${message}/reactions/${encodeURIComponent(bad)}`), 400, 'request/invalid');
    }
  });

  test('pins are listed, the newest first, page by page', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    const pinned: string[] = [];
    for (const text of ['a', 'b', 'c']) {
      const { messageId } = await ann.say(conversationId, text);
      expect(await ben.put(`${url}/messages/${messageId}/pin`)).toMatchObject({ status: 204 });
      pinned.unshift(messageId);
      await ann.say(conversationId, 'time passes');
    }
    const first = await ann.get<{ items: Message[]; next: string }>(`${url}/pins?limit=2`);
    const second = await ann.get<{ items: Message[]; next: null }>(`${url}/pins?limit=2&cursor=${first.body.next}`);
    const items = [...first.body.items, ...second.body.items];
    expect(items.map(({ messageId }) => messageId)).toEqual(pinned);
    expect(items.every((item) => item.pinned)).toBe(true);
    expect(second.body.next).toBeNull();
    expect(await ann.delete(`${url}/messages/${pinned[0]}/pin`)).toMatchObject({ status: 204 });
    expect(await ann.get(`${url}/pins`)).toMatchObject({ body: { items: [{ text: 'b' }, { text: 'a' }] } });
    expectProblem(await eve.get(`${url}/pins`), 404, 'conversation/not-found');
  });
});
