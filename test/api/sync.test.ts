import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Changes, Sync } from '../../schemas/sync.ts';
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

const idsOf = ({ conversations }: Sync): readonly string[] =>
  conversations.map(({ conversation }) => conversation.conversationId);

describe('sync', () => {
  test('tells everything once, then only what changed, and what was left, closed or taken away', async () => {
    const person = await server.person();
    const groups: string[] = [];
    for (let index = 0; index < 5; index += 1) groups.push(await ben.group([person]));
    const first = await person.get<Sync>('/sync?limit=3');
    expect(first.body).toMatchObject({ left: [], more: true });
    expect(idsOf(first.body)).toEqual(groups.toReversed().slice(0, 3));
    const second = await person.get<Sync>(`/sync?limit=3&token=${first.body.token}`);
    expect(idsOf(second.body)).toEqual(groups.toReversed().slice(3));
    expect(second.body).toMatchObject({ left: [], more: false });

    await person.delete(`/conversations/${groups[0]}/members/me`);
    await ben.delete(`/conversations/${groups[1]}/members/${person.userId}`);
    await ben.delete(`/conversations/${groups[2]}`);
    await ben.say(groups[3]!, 'hello');
    await person.patch(`/conversations/${groups[4]}/me`, { pinned: true });
    const third = await person.get<Sync>(`/sync?token=${second.body.token}`);
    expect(idsOf(third.body)).toEqual([groups[3], groups[4]]);
    expect(third.body.left).toEqual([groups[0], groups[1], groups[2]]);
    expect(third.body.conversations[0]).toMatchObject({ unread: 1, lastMessage: { text: 'hello' } });
    const nothing = await person.get<Sync>(`/sync?token=${third.body.token}`);
    expect(nothing.body).toMatchObject({ conversations: [], left: [], more: false });

    await ben.put(`/conversations/${groups[1]}/members/${person.userId}`);
    const back = await person.get<Sync>(`/sync?token=${nothing.body.token}`);
    expect([idsOf(back.body), back.body.left]).toEqual([[groups[1]], []]);
  });

  test('is refused with a token that is none', async () => {
    for (const query of ['token=x', 'token=', 'limit=0', 'since=1']) {
      expectProblem(await ann.get(`/sync?${query}`), 400, 'request/invalid');
    }
  });
});

describe('changes', () => {
  test('tell the present state of what changed after a revision', async () => {
    const conversationId = await ann.group([ben]);
    const url = `/conversations/${conversationId}/changes`;
    const one = await ann.say(conversationId, 'one');
    const two = await ann.say(conversationId, 'two');
    const all = await ben.get<Changes>(url);
    expect(all.body).toMatchObject({
      conversation: { conversationId, lastSeq: 2, me: { role: 'member' } },
      messages: [{ messageId: one.messageId }, { messageId: two.messageId }],
      revision: 2,
      more: false,
    });
    expect(all.body.members?.map(({ userId }) => userId)).toEqual(expect.arrayContaining([ann.userId, ben.userId]));
    expect((await ben.get(`${url}?since=2`)).body).toEqual({ messages: [], revision: 2, more: false });

    await ann.put(`/conversations/${conversationId}/members/${eve.userId}`);
    await ben.put(`/conversations/${conversationId}/messages/${one.messageId}/reactions/👍`);
    await ben.put(`/conversations/${conversationId}/receipts`, { read: 2 });
    await ann.delete(`/conversations/${conversationId}/members/${eve.userId}`);
    await ben.delete(`/conversations/${conversationId}/messages/${two.messageId}?for=me`);
    const { body } = await ben.get<Changes>(`${url}?since=2`);
    expect(body).toEqual({
      conversation: expect.objectContaining({ memberCount: 2, revision: 6 }),
      messages: [expect.objectContaining({ messageId: one.messageId, revision: 4 })],
      members: [expect.objectContaining({ userId: ben.userId, readSeq: 2 })],
      removedMembers: [eve.userId],
      hidden: [two.messageId],
      revision: 7,
      more: false,
    });
    // What is one's own is told to nobody else.
    expect((await ann.get<Changes>(`${url}?since=6`)).body).toEqual({ messages: [], revision: 7, more: false });
    await ben.delete(`/conversations/${conversationId}/me/history`);
    expect((await ben.get<Changes>(`${url}?since=7`)).body).toMatchObject({ messages: [], clearedSeq: 2, revision: 8 });
  });

  test('are refused beyond the conversation, and to whoever is not in it', async () => {
    const conversationId = await ann.group();
    const url = `/conversations/${conversationId}/changes`;
    for (const query of ['since=1', 'since=-1', 'since=x', 'limit=0', 'token=x']) {
      expectProblem(await ann.get(`${url}?${query}`), 400, 'request/invalid');
    }
    expectProblem(await eve.get(`${url}?since=1`), 404, 'conversation/not-found');
    expectProblem(await ann.get(`/conversations/${newId()}/changes`), 404, 'conversation/not-found');
  });
});
