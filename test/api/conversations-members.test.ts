import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Conversation, Member } from '../../schemas/conversation.ts';
import type { History } from '../../schemas/message.ts';
import { expectProblem, newId, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let cid: Person;
let eve: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, cid, eve] = await Promise.all([server.person(), server.person(), server.person(), server.person()]);
});
afterAll(() => server[Symbol.asyncDispose]());

const membersOf = async (person: Person, conversationId: string): Promise<readonly Member[]> =>
  (await person.get<{ items: Member[] }>(`/conversations/${conversationId}/members`)).body.items;

describe('members', () => {
  test('are listed in order of joining, page by page, to members only', async () => {
    const conversationId = await ann.group();
    const url = `/conversations/${conversationId}/members`;
    for (const person of [ben, cid]) expect(await ann.put(`${url}/${person.userId}`)).toMatchObject({ status: 201 });
    const first = await cid.get<{ items: Member[]; next: string }>(`${url}?limit=2`);
    expect(first.body.items.map(({ userId }) => userId)).toEqual([ann.userId, ben.userId]);
    const second = await cid.get<{ items: Member[]; next: null }>(`${url}?limit=2&cursor=${first.body.next}`);
    expect(second.body).toEqual({
      items: [{ userId: cid.userId, role: 'member', joinedAt: expect.any(String), readSeq: 0, deliveredSeq: 0 }],
      next: null,
    });
    expectProblem(await eve.get(url), 404, 'conversation/not-found');
    expectProblem(await ann.get(`${url}?cursor=x`), 400, 'request/invalid');
    expectProblem(await ann.get(`${url}?limit=201`), 400, 'request/invalid');
    expectProblem(await ann.get(`${url}?colour=green`), 400, 'request/invalid');
  });

  test('are added with a role, and a repeat answers 200 with the same', async () => {
    const conversationId = await ann.group();
    const url = `/conversations/${conversationId}/members/${ben.userId}`;
    const added = await ann.put<Member>(url, { role: 'admin' });
    expect(added).toMatchObject({ status: 201, body: { userId: ben.userId, role: 'admin' } });
    expect(await ann.put(url, { role: 'admin' })).toEqual({ ...added, status: 200 });
    expect(await ann.put(url)).toEqual({ ...added, status: 200 });
    expectProblem(await ann.put(`/conversations/${conversationId}/members/${newId()}`), 404, 'user/not-found');
    expectProblem(await ann.put(url, { role: 'king' }), 400, 'request/invalid');
  });

  test('a role is changed by a higher one, up to one’s own', async () => {
    const conversationId = await ann.group([ben, cid]);
    const url = `/conversations/${conversationId}/members`;
    expectProblem(await ben.put(`${url}/${cid.userId}`, { role: 'reader' }), 403, 'auth/forbidden');
    expectProblem(await ben.put(`${url}/${ben.userId}`, { role: 'admin' }), 403, 'auth/forbidden');
    expect(await ann.put(`${url}/${ben.userId}`, { role: 'admin' })).toMatchObject({ status: 200 });
    expect(await ben.put(`${url}/${cid.userId}`, { role: 'reader' })).toMatchObject({ body: { role: 'reader' } });
    expectProblem(await ben.put(`${url}/${cid.userId}`, { role: 'owner' }), 403, 'auth/forbidden');
    expectProblem(await ben.put(`${url}/${ann.userId}`, { role: 'member' }), 403, 'auth/forbidden');
    expectProblem(await ben.delete(`${url}/${ann.userId}`), 403, 'auth/forbidden');
    expect(await ben.delete(`${url}/${cid.userId}`)).toMatchObject({ status: 204 });
    expectProblem(await eve.put(`${url}/${cid.userId}`), 404, 'conversation/not-found');
  });

  test('the last owner stays while others are there; the last member who leaves closes it', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}/members`;
    expectProblem(await ann.delete(`${url}/me`), 409, 'conversation/last-owner');
    expectProblem(await ann.put(`${url}/me`, { role: 'admin' }), 409, 'conversation/last-owner');
    await ann.put(`${url}/${ben.userId}`, { role: 'owner' });
    expect(await ann.delete(`${url}/me`)).toMatchObject({ status: 204 });
    expect(await ben.get(`/conversations/${conversationId}`)).toMatchObject({ body: { memberCount: 1 } });
    expect(await ben.delete(`${url}/${ben.userId}`)).toMatchObject({ status: 204 });
    expectProblem(await ben.get(`/conversations/${conversationId}`), 404, 'conversation/not-found');
  });

  test('who has left or was removed sees nothing of it any more', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}`;
    const { messageId } = await ben.say(conversationId, 'mine');
    await ann.delete(`${url}/members/${ben.userId}`);
    expect(await ann.delete(`${url}/members/${ben.userId}`)).toMatchObject({ status: 204 });
    for (const refused of [
      await ben.get(url),
      await ben.get(`${url}/members`),
      await ben.get(`${url}/messages`),
      await ben.get(`${url}/messages/${messageId}`),
      await ben.get(`${url}/messages/${newId()}`),
      await ben.get(`${url}/changes`),
      await ben.get(`${url}/pins`),
      await ben.get(`${url}/invites`),
      await ben.patch(`${url}/messages/${messageId}`, { text: 'x' }),
      await ben.patch(`${url}/messages/${newId()}`, { text: 'x' }),
      await ben.put(`${url}/messages/${messageId}`, { text: 'mine' }),
      await ben.delete(`${url}/messages/${messageId}?for=everyone`),
      await ben.put(`${url}/receipts`, { read: 1 }),
      await ben.put(`${url}/members/${newId()}`),
    ]) {
      expectProblem(refused, 404, 'conversation/not-found');
    }
  });

  test('a group takes no more than it may have', async () => {
    const conversationId = await ann.group([ben], { settings: { maxMembers: 2 } });
    expectProblem(await ann.put(`/conversations/${conversationId}/members/${cid.userId}`), 409, 'conversation/full');
  });

  test('readers read, react and send receipts, nothing else', async () => {
    const conversationId = await ann.group();
    const url = `/conversations/${conversationId}`;
    await ann.put(`${url}/members/${ben.userId}`, { role: 'reader' });
    const { messageId } = await ann.say(conversationId, 'read me');
    expect(await ben.get(`${url}/messages`)).toMatchObject({ body: { items: [{ messageId }] } });
    expect(await ben.put(`${url}/messages/${messageId}/reactions/👍`)).toMatchObject({ status: 204 });
    expect(await ben.put(`${url}/receipts`, { read: 1 })).toMatchObject({ status: 204 });
    expectProblem(await ben.put(`${url}/messages/${newId()}`, { text: 'x' }), 403, 'auth/forbidden');
    expectProblem(await ben.put(`${url}/messages/${messageId}/pin`), 403, 'auth/forbidden');
    expectProblem(await ben.post(`${url}/invites`), 403, 'auth/forbidden');
    expectProblem(await ben.put(`${url}/members/${cid.userId}`), 403, 'auth/forbidden');
  });
});

describe('history since joining', () => {
  test('begins for a new member where he joined, in every list', async () => {
    const conversationId = await ann.group([], { settings: { history: 'since-joining' } });
    const url = `/conversations/${conversationId}`;
    const before = await ann.say(conversationId, 'before');
    await ann.put(`${url}/messages/${before.messageId}/pin`);
    await ann.put(`${url}/members/${ben.userId}`);
    const after = await ann.say(conversationId, { text: 'after', replyTo: before.messageId });
    expect(await ben.get(`${url}/messages`)).toMatchObject({
      body: { items: [{ messageId: after.messageId, replyTo: before.messageId }], hasBefore: false },
    });
    for (const query of ['before=2', 'around=1&limit=1', 'after=0', `at=${before.sentAt}`]) {
      const { body } = await ben.get<History>(`${url}/messages?${query}`);
      expect(body.items.map(({ seq }) => seq)).not.toContain(1);
    }
    expect(await ben.get(`${url}/pins`)).toMatchObject({ body: { items: [] } });
    expectProblem(await ben.get(`${url}/messages/${before.messageId}`), 404, 'message/not-found');
    expectProblem(await ben.get(`${url}/threads/${before.messageId}/messages`), 404, 'message/not-found');
    const { body } = await ben.get<{ messages: { seq: number }[] }>(`${url}/changes`);
    expect(body.messages.map(({ seq }) => seq)).toEqual([2]);
    expect(await ann.get(`${url}/messages`)).toMatchObject({ body: { items: [{ seq: 1 }, { seq: 2 }] } });
  });
});

describe('channels', () => {
  const open = async (name: string): Promise<string> => {
    const { body } = await ann.post<Conversation>('/conversations', { kind: 'channel', name });
    return body.conversationId;
  };

  test('are found by the beginning of their names, by anyone, page by page', async () => {
    const ids = [await open('Ünder glass 2'), await open('Under glass 1'), await open('under glass 3')];
    const first = await eve.get<{ items: Conversation[]; next: string }>('/channels?q=UNDER&limit=2');
    expect(first.body.items.map(({ conversationId, me }) => [conversationId, me])).toEqual([
      [ids[1], null],
      [ids[0], null],
    ]);
    const second = await eve.get(`/channels?q=UNDER&limit=2&cursor=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ conversationId: ids[2] }], next: null });
    await ann.delete(`/conversations/${ids[0]}`);
    const { body } = await eve.get<{ items: Conversation[] }>('/channels?q=under');
    expect(body.items.map(({ conversationId }) => conversationId)).toEqual([ids[1], ids[2]]);
  });

  test('can be looked at by all, and their messages and members read by members only', async () => {
    const conversationId = await open('Peas');
    const url = `/conversations/${conversationId}`;
    const { messageId } = await ann.say(conversationId, 'hello');
    expect(await eve.get(url)).toMatchObject({ status: 200, body: { me: null, memberCount: 1, lastSeq: 1 } });
    for (const refused of [
      await eve.get(`${url}/messages`),
      await eve.get(`${url}/messages/${messageId}`),
      await eve.get(`${url}/members`),
      await eve.get(`${url}/changes`),
      await eve.get(`${url}/pins`),
      await eve.put(`${url}/messages/${newId()}`, { text: 'x' }),
      await eve.put(`${url}/members/${ben.userId}`),
      await eve.patch(url, { name: 'x' }),
    ]) {
      expectProblem(refused, 403, 'conversation/not-a-member');
    }
  });

  test('are joined and left freely', async () => {
    const conversationId = await open('Beans');
    const url = `/conversations/${conversationId}`;
    await ann.say(conversationId, 'hello');
    const joined = await eve.put<Member>(`${url}/members/me`);
    expect(joined).toMatchObject({ status: 201, body: { userId: eve.userId, role: 'member', readSeq: 1 } });
    expect(await eve.put(`${url}/members/me`)).toMatchObject({ status: 200, body: joined.body });
    expect(await eve.get(`${url}/messages`)).toMatchObject({ body: { items: [{ text: 'hello' }] } });
    expect(await eve.get('/channels?q=beans')).toMatchObject({ body: { items: [{ me: { role: 'member' } }] } });
    await eve.delete(`${url}/members/me`);
    expect(await eve.get(url)).toMatchObject({ status: 200, body: { me: null } });
    expectProblem(await eve.get(`${url}/messages`), 403, 'conversation/not-a-member');
    expectProblem(await ben.put(`${url}/members/me`, { role: 'admin' }), 403, 'auth/forbidden');
  });
});

describe('read receipts that are kept private', () => {
  test('show as delivered only, both ways, and one’s own pointer always', async () => {
    const [shy, open, other] = [await server.person(), await server.person(), await server.person()];
    await shy.patch('/me', { privacy: { readReceipts: false } });
    const conversationId = await open.group([shy, other]);
    const url = `/conversations/${conversationId}`;
    await open.say(conversationId, 'hello');
    for (const person of [shy, other]) await person.put(`${url}/receipts`, { read: 1 });
    const seenBy = async (person: Person): Promise<Record<string, readonly number[]>> =>
      Object.fromEntries(
        (await membersOf(person, conversationId)).map(({ userId, readSeq, deliveredSeq }) => [
          userId,
          [readSeq, deliveredSeq],
        ]),
      );
    expect(await seenBy(open)).toEqual({ [open.userId]: [1, 1], [shy.userId]: [0, 1], [other.userId]: [1, 1] });
    expect(await seenBy(shy)).toEqual({ [open.userId]: [0, 1], [shy.userId]: [1, 1], [other.userId]: [0, 1] });
    const { body } = await open.get<{ members: Member[] }>(`${url}/changes`);
    expect(body.members.find(({ userId }) => userId === shy.userId)?.readSeq).toBe(0);
  });
});
