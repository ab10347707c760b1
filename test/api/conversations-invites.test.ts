import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Conversation, Invite } from '../../schemas/conversation.ts';
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

const invite = async (person: Person, conversationId: string, body?: object): Promise<Invite> => {
  const answer = await person.post<Invite>(`/conversations/${conversationId}/invites`, body);
  expect(answer.status).toBe(201);
  return answer.body;
};

test('an invite lasts 7 days unless it says otherwise, and links back to where it was made', async () => {
  const conversationId = await ann.group();
  const made = Date.now();
  const plain = await invite(ann, conversationId);
  expect(plain).toEqual({
    token: expect.stringMatching(/^[\w-]{64}$/),
    url: `${server.parley.url}/v1/invites/${plain.token}`,
    expiresAt: expect.any(String),
    maxUses: null,
    uses: 0,
  });
  const days = (Date.parse(plain.expiresAt) - made) / 86_400_000;
  expect(days).toBeCloseTo(7, 3);
  const short = await invite(ann, conversationId, { expiresInSeconds: 60, maxUses: 3 });
  expect(short.maxUses).toBe(3);
  expect(Date.parse(short.expiresAt) - made).toBeLessThan(70_000);
  expectProblem(await ann.post(`/conversations/${conversationId}/invites`, { maxUses: 0 }), 400, 'request/invalid');
});

test('whoever has it joins, once; a repeat answers the conversation again', async () => {
  const conversationId = await ann.group();
  const { token } = await invite(ann, conversationId);
  const joined = await ben.post<Conversation>(`/invites/${token}`);
  expect(joined).toMatchObject({ status: 201, body: { conversationId, memberCount: 2, me: { role: 'member' } } });
  expect(await ben.post(`/invites/${token}`)).toMatchObject({ status: 200, body: joined.body });
  expect(await ann.get(`/conversations/${conversationId}/invites`)).toMatchObject({
    body: { items: [{ token, uses: 1 }], next: null },
  });
});

test('it is used up after its uses, and gone when it was withdrawn or has expired', async () => {
  const conversationId = await ann.group();
  const url = `/conversations/${conversationId}/invites`;
  const once = await invite(ann, conversationId, { maxUses: 1 });
  expect(await ben.post(`/invites/${once.token}`)).toMatchObject({ status: 201 });
  expectProblem(await cid.post(`/invites/${once.token}`), 404, 'invite/not-found');
  const withdrawn = await invite(ann, conversationId);
  expect(await ann.delete(`${url}/${withdrawn.token}`)).toMatchObject({ status: 204 });
  expect(await ann.delete(`${url}/${withdrawn.token}`)).toMatchObject({ status: 204 });
  expectProblem(await cid.post(`/invites/${withdrawn.token}`), 404, 'invite/not-found');
  const short = await invite(ann, conversationId, { expiresInSeconds: 1 });
  await expect.poll(() => Date.now() > Date.parse(short.expiresAt), { timeout: 3_000 }).toBe(true);
  expectProblem(await cid.post(`/invites/${short.token}`), 404, 'invite/not-found');
});

test('a token that is none of ours, or of another conversation, is no invite', async () => {
  const [one, other] = [await ann.group(), await ann.group()];
  const { token } = await invite(ann, one);
  const forged = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  for (const bad of ['x', forged, `${token}A`]) {
    expectProblem(await cid.post(`/invites/${bad}`), 404, 'invite/not-found');
  }
  expectProblem(await ann.delete(`/conversations/${other}/invites/${token}`), 404, 'invite/not-found');
  expectProblem(await ann.delete(`/conversations/${newId()}/invites/${token}`), 404, 'conversation/not-found');
  expectProblem(await cid.delete(`/conversations/${one}/invites/${token}`), 404, 'conversation/not-found');
});

test('they are listed and withdrawn by their makers and admins', async () => {
  const conversationId = await ann.group([ben, cid]);
  const url = `/conversations/${conversationId}/invites`;
  const [byAnn, byBen] = [await invite(ann, conversationId), await invite(ben, conversationId)];
  const tokens = async (person: Person): Promise<readonly string[]> =>
    (await person.get<{ items: Invite[] }>(url)).body.items.map(({ token }) => token);
  expect(new Set(await tokens(ann))).toEqual(new Set([byAnn.token, byBen.token]));
  expect(await tokens(ben)).toEqual([byBen.token]);
  expect(await tokens(cid)).toEqual([]);
  const first = await ann.get<{ items: Invite[]; next: string }>(`${url}?limit=1`);
  const second = await ann.get<{ items: Invite[]; next: null }>(`${url}?limit=1&cursor=${first.body.next}`);
  expect(new Set([...first.body.items, ...second.body.items].map(({ token }) => token)).size).toBe(2);
  expect(second.body.next).toBeNull();
  expectProblem(await ben.delete(`${url}/${byAnn.token}`), 403, 'auth/forbidden');
  expect(await ann.delete(`${url}/${byBen.token}`)).toMatchObject({ status: 204 });
  await ann.patch(`/conversations/${conversationId}`, { settings: { whoMayAdd: 'admins' } });
  expectProblem(await ben.post(url), 403, 'auth/forbidden');
});

test('a full conversation takes nobody in', async () => {
  const conversationId = await ann.group([ben], { settings: { maxMembers: 2 } });
  const { token } = await invite(ann, conversationId);
  expectProblem(await cid.post(`/invites/${token}`), 409, 'conversation/full');
});
