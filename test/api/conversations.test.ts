import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Conversation } from '../../schemas/conversation.ts';
import { expectProblem, newId, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let cid: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, cid] = await Promise.all([server.person(), server.person(), server.person()]);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('starting a conversation', () => {
  test('makes whoever starts it its owner, and answers it whole', async () => {
    const conversationId = newId();
    const answer = await ann.post<Conversation>('/conversations', {
      conversationId,
      kind: 'group',
      name: 'Allotment',
      topic: 'Beans',
      memberIds: [ben.userId, ann.userId],
      settings: { whoMayAdd: 'admins' },
    });
    expect(answer.status).toBe(201);
    expect(answer.position).toEqual(expect.any(String));
    expect(answer.body).toEqual({
      conversationId,
      kind: 'group',
      name: 'Allotment',
      topic: 'Beans',
      avatarMediaId: null,
      settings: {
        retentionSeconds: null,
        history: 'all',
        whoMaySend: 'members',
        whoMayAdd: 'admins',
        mode: 'kept',
        maxMembers: 1000,
      },
      memberCount: 2,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      closedAt: null,
      lastSeq: 0,
      revision: 0,
      me: {
        role: 'owner',
        joinedAt: answer.body.createdAt,
        mutedUntil: null,
        pinned: false,
        archived: false,
        readSeq: 0,
        deliveredSeq: 0,
      },
    });
  });

  test('is a repeat with 200 for the same id, and refused to anyone else', async () => {
    const started = { conversationId: newId(), kind: 'group', name: 'Twice' };
    const first = await ann.post<Conversation>('/conversations', started);
    const again = await ann.post<Conversation>('/conversations', started);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(again.position).toBe(first.position);
    expectProblem(await ben.post('/conversations', started), 409, 'conversation/id-reused');
    expectProblem(await ann.post('/conversations', { ...started, kind: 'channel' }), 409, 'conversation/id-reused');
  });

  test.each([
    ['no name', { name: '' }],
    ['a name of 121 characters', { name: '🌱'.repeat(121) }],
    ['a topic of 501 characters', { topic: 'é'.repeat(501) }],
    ['a direct conversation', { kind: 'direct' }],
    ['an unknown field', { colour: 'green' }],
    ['an unknown setting', { settings: { colour: 'green' } }],
    ['1,001 members', { memberIds: Array.from({ length: 1001 }, newId) }],
    ['an id in capitals', { conversationId: newId().toUpperCase() }],
    ['a name with U+0000', { name: 'a\0b' }],
  ])('is refused with %s', async (_, wrong) => {
    expectProblem(await ann.post('/conversations', { kind: 'group', name: 'x', ...wrong }), 400, 'request/invalid');
  });

  test('counts the characters of a name as code points', async () => {
    const name = '🌱'.repeat(120);
    expect(await ann.post('/conversations', { kind: 'group', name })).toMatchObject({ status: 201, body: { name } });
  });

  test('is refused with a member who does not exist, or more members than it may have', async () => {
    const group = { kind: 'group', name: 'x' };
    expectProblem(await ann.post('/conversations', { ...group, memberIds: [newId()] }), 404, 'user/not-found');
    const crowd = { ...group, memberIds: [ben.userId, cid.userId], settings: { maxMembers: 2 } };
    expectProblem(await ann.post('/conversations', crowd), 409, 'conversation/full');
  });
});

describe('a conversation', () => {
  test('does not exist for whoever is not in it', async () => {
    const conversationId = await ann.group([ben]);
    expectProblem(await cid.get(`/conversations/${conversationId}`), 404, 'conversation/not-found');
    expectProblem(await cid.get(`/conversations/${newId()}`), 404, 'conversation/not-found');
    expectProblem(await cid.patch(`/conversations/${conversationId}`, { name: 'x' }), 404, 'conversation/not-found');
    expectProblem(await cid.delete(`/conversations/${conversationId}`), 404, 'conversation/not-found');
    expect(await ben.get(`/conversations/${conversationId}`)).toMatchObject({
      status: 200,
      body: { conversationId, me: { role: 'member' } },
    });
  });

  test('is changed by admins only; a change that changes nothing keeps the revision', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    expectProblem(await ben.patch(url, { name: 'Ben’s' }), 403, 'auth/forbidden');
    const patch = { name: 'Garden', topic: 'Peas', settings: { retentionSeconds: 60 } };
    const changed = await ann.patch<Conversation>(url, patch);
    expect(changed).toMatchObject({ status: 200, body: { name: 'Garden', topic: 'Peas', revision: 1 } });
    expect(changed.body.settings).toMatchObject({ retentionSeconds: 60, maxMembers: 1000 });
    expect(await ann.patch(url, patch)).toMatchObject({ status: 200, body: changed.body });
    expect(await ann.patch(url, { topic: null })).toMatchObject({ body: { name: 'Garden', topic: null, revision: 2 } });
    expectProblem(await ann.patch(url, { name: null }), 400, 'request/invalid');
  });

  test('is closed by its owner: it leaves the feed, can be read, and cannot be written to', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    const { messageId } = await ann.say(conversationId, 'last words');
    expectProblem(await ben.delete(url), 403, 'auth/forbidden');
    expect(await ann.delete(url)).toMatchObject({ status: 204, body: undefined });
    expect(await ann.delete(url)).toMatchObject({ status: 204 });
    expect(await ben.get(url)).toMatchObject({ status: 200, body: { closedAt: expect.any(String) } });
    expect(await ben.get(`${url}/messages`)).toMatchObject({ status: 200, body: { items: [{ messageId }] } });
    expect(await ben.get(`${url}/members`)).toMatchObject({ status: 200 });
    expect(await ben.get(`${url}/changes`)).toMatchObject({ status: 200 });
    const { body } = await ben.get<{ items: { conversation: Conversation }[] }>('/conversations?archived=all');
    expect(body.items.map(({ conversation }) => conversation.conversationId)).not.toContain(conversationId);
    for (const refused of [
      await ann.put(`${url}/messages/${newId()}`, { text: 'more' }),
      await ann.patch(`${url}/messages/${messageId}`, { text: 'more' }),
      await ann.put(`${url}/messages/${messageId}/reactions/👍`),
      await ann.put(`${url}/messages/${messageId}/pin`),
      await ann.delete(`${url}/messages/${messageId}?for=everyone`),
      await ann.delete(`${url}/messages/${messageId}?for=me`),
      await ann.patch(url, { name: 'more' }),
      await ann.put(`${url}/members/${cid.userId}`),
      await ann.delete(`${url}/members/${ben.userId}`),
      await ann.post(`${url}/invites`),
      await ben.patch(`${url}/me`, { pinned: true }),
      await ben.delete(`${url}/me/history`),
    ]) {
      expectProblem(refused, 409, 'conversation/closed');
    }
    expect(await ann.put(`${url}/messages/${messageId}`, { text: 'last words' })).toMatchObject({ status: 200 });
  });
});

describe('a direct conversation', () => {
  test('is one for the two, whoever asks', async () => {
    const [dan, eva] = [await server.person(), await server.person()];
    const first = await dan.put<Conversation>(`/direct/${eva.userId}`);
    expect(first).toMatchObject({
      status: 201,
      body: { kind: 'direct', name: null, topic: null, memberCount: 2, me: { role: 'member' } },
    });
    const second = await eva.put<Conversation>(`/direct/${dan.userId}`);
    expect(second).toMatchObject({ status: 200, body: { conversationId: first.body.conversationId } });
  });

  test('is not with oneself, nor with one who does not exist', async () => {
    expectProblem(await ann.put(`/direct/${ann.userId}`), 400, 'request/invalid');
    expectProblem(await ann.put(`/direct/${newId()}`), 404, 'user/not-found');
  });

  test('keeps its members and settings, but for retention, and cannot be closed', async () => {
    const conversationId = await ann.direct(ben);
    const url = `/conversations/${conversationId}`;
    expectProblem(await ann.patch(url, { name: 'Us' }), 403, 'auth/forbidden');
    expectProblem(await ann.patch(url, { settings: { history: 'since-joining' } }), 403, 'auth/forbidden');
    expect(await ben.patch(url, { settings: { retentionSeconds: 3600 } })).toMatchObject({ status: 200 });
    expectProblem(await ann.put(`${url}/members/${cid.userId}`), 403, 'auth/forbidden');
    expectProblem(await ann.delete(`${url}/members/me`), 403, 'auth/forbidden');
    expectProblem(await ann.post(`${url}/invites`), 403, 'auth/forbidden');
    expectProblem(await ann.delete(url), 403, 'auth/forbidden');
  });

  test('begins only with one who wants it', async () => {
    const [shy, picky, friend] = [await server.person(), await server.person(), await server.person()];
    await shy.patch('/me', { privacy: { whoMayMessage: 'nobody' } });
    await picky.patch('/me', { privacy: { whoMayMessage: 'contacts' } });
    expectProblem(await ann.put(`/direct/${shy.userId}`), 403, 'contact/required');
    expectProblem(await friend.put(`/direct/${picky.userId}`), 403, 'contact/required');
    await friend.put(`/contacts/${picky.userId}`);
    expectProblem(await friend.put(`/direct/${picky.userId}`), 403, 'contact/required');
    await picky.put(`/contacts/${friend.userId}`);
    expect(await friend.put(`/direct/${picky.userId}`)).toMatchObject({ status: 201 });
    expect(await shy.put(`/direct/${ann.userId}`)).toMatchObject({ status: 201 });
    // One that is there already goes on.
    expect(await ann.put(`/direct/${shy.userId}`)).toMatchObject({ status: 200 });
    expect(await ann.put(`/conversations/${await ann.direct(shy)}/messages/${newId()}`, { text: 'hi' })).toMatchObject({
      status: 201,
    });
  });
});

describe('one’s own view', () => {
  test('is muted, pinned and archived for oneself only', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    const until = '2030-01-01T00:00:00.000Z';
    expect(await ben.patch(`${url}/me`, { mutedUntil: until, pinned: true, archived: true })).toMatchObject({
      status: 204,
      body: undefined,
      position: expect.any(String),
    });
    expect(await ben.get(url)).toMatchObject({ body: { me: { mutedUntil: until, pinned: true, archived: true } } });
    expect(await ann.get(url)).toMatchObject({ body: { me: { mutedUntil: null, pinned: false, archived: false } } });
    await ben.patch(`${url}/me`, { mutedUntil: null });
    expect(await ben.get(url)).toMatchObject({ body: { me: { mutedUntil: null, pinned: true } } });
    expectProblem(await ben.patch(`${url}/me`, { mutedUntil: 'tomorrow' }), 400, 'request/invalid');
    expectProblem(await cid.patch(`${url}/me`, { pinned: true }), 404, 'conversation/not-found');
  });

  test('can be marked as unread, until the next read receipt', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    for (const text of ['one', 'two', 'three']) await ann.say(conversationId, text);
    const unread = async (): Promise<unknown> => {
      const { body } = await ben.get<{ items: { unread: number; conversation: Conversation }[] }>('/conversations');
      return body.items.find(({ conversation }) => conversation.conversationId === conversationId)?.unread;
    };
    await ben.put(`${url}/receipts`, { read: 3 });
    expect(await unread()).toBe(0);
    expect(await ben.patch(`${url}/me`, { unreadFrom: 2 })).toMatchObject({ status: 204 });
    expect(await unread()).toBe(2);
    expect(await ben.get(url)).toMatchObject({ body: { me: { readSeq: 1 } } });
    const { body } = await ann.get<{ items: { userId: string; readSeq: number }[] }>(`${url}/members`);
    expect(body.items.find(({ userId }) => userId === ben.userId)?.readSeq).toBe(3);
    await ben.put(`${url}/receipts`, { read: 3 });
    expect(await unread()).toBe(0);
    expectProblem(await ben.patch(`${url}/me`, { unreadFrom: 4 }), 400, 'request/invalid');
    expectProblem(await ben.patch(`${url}/me`, { unreadFrom: 0 }), 400, 'request/invalid');
  });

  test('can be cleared: everything up to now is gone for oneself, everywhere', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    const { messageId } = await ann.say(conversationId, 'old');
    await ann.put(`${url}/messages/${messageId}/pin`);
    expect(await ben.delete(`${url}/me/history`)).toMatchObject({ status: 204 });
    expect(await ben.get(`${url}/messages`)).toMatchObject({ body: { items: [], hasBefore: false, hasAfter: false } });
    expect(await ben.get(`${url}/pins`)).toMatchObject({ body: { items: [] } });
    expectProblem(await ben.get(`${url}/messages/${messageId}`), 404, 'message/not-found');
    expectProblem(await ben.get(`${url}/messages/${messageId}/versions`), 404, 'message/not-found');
    expectProblem(await ben.get(`${url}/threads/${messageId}/messages`), 404, 'message/not-found');
    expectProblem(await ben.put(`${url}/messages/${messageId}/reactions/👍`), 404, 'message/not-found');
    expect(await ben.get(`${url}/changes`)).toMatchObject({ body: { messages: [] } });
    expect(await ann.get(`${url}/messages/${messageId}`)).toMatchObject({ status: 200 });
    await ann.say(conversationId, 'new');
    expect(await ben.get(`${url}/messages`)).toMatchObject({ body: { items: [{ text: 'new', seq: 2 }] } });
  });
});
