import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, pages, type Client } from './accounts-client.ts';

let server: TestParley;
let client: Client;

beforeAll(async () => {
  server = await openParley();
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

const two = async () => {
  const [ann, ben] = [await client.join('ann'), await client.join('ben')];
  const asAnn = { token: ann.accessToken };
  const asBen = { token: ben.accessToken };
  return { ann: ann.user, ben: ben.user, annToken: ann.accessToken, asAnn, asBen };
};
const positionOf = ({ headers }: { readonly headers: Headers }): string => headers.get('parley-position') ?? '';

describe('contacts', () => {
  test('are requested by one and accepted by the other', async () => {
    const { ann, ben, asAnn, asBen } = await two();
    const requested = await client.ask('PUT', `/contacts/${ben.userId}`, asAnn);
    expect(requested).toMatchObject({ status: 201, json: { userId: ben.userId, state: 'requested', user: ben } });
    const again = await client.ask('PUT', `/contacts/${ben.userId}`, asAnn);
    expect(again).toMatchObject({ status: 200, json: requested.json });

    const incoming = await client.ask('GET', '/contacts', { ...asBen, after: positionOf(requested) });
    expect(incoming.json).toEqual({ items: [{ userId: ann.userId, state: 'incoming', user: ann }], next: null });

    const accepted = await client.ask('PUT', `/contacts/${ann.userId}`, asBen);
    expect(accepted).toMatchObject({ status: 201, json: { userId: ann.userId, state: 'accepted', user: ann } });
    expect(await client.ask('PUT', `/contacts/${ann.userId}`, asBen)).toMatchObject({
      status: 200,
      json: accepted.json,
    });
    const listed = await client.ask('GET', '/contacts', { ...asAnn, after: positionOf(accepted) });
    expect(listed.json).toEqual({ items: [{ userId: ben.userId, state: 'accepted', user: ben }], next: null });
  });

  test('are removed by either, and removing again is a repeat', async () => {
    const { ann, ben, asAnn, asBen } = await two();
    await client.ask('PUT', `/contacts/${ben.userId}`, asAnn);
    const removed = await client.ask('DELETE', `/contacts/${ann.userId}`, asBen);
    expect(removed.status).toBe(204);
    expect((await client.ask('DELETE', `/contacts/${ann.userId}`, asBen)).status).toBe(204);
    const listed = await client.ask('GET', '/contacts', { ...asAnn, after: positionOf(removed) });
    expect(listed.json).toEqual({ items: [], next: null });
  });

  test('come in pages, each once', async () => {
    const { asAnn } = await two();
    const others = await Promise.all(Array.from({ length: 5 }, () => client.join('other')));
    let after = '';
    for (const { user } of others) after = positionOf(await client.ask('PUT', `/contacts/${user.userId}`, asAnn));
    const found = await pages<{ userId: string }>(client, '/contacts?limit=2', { ...asAnn, after });
    expect(found.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(found.flat().map(({ userId }) => userId)).toEqual(others.map(({ user }) => user.userId).sort());
  });

  test('end with the account', async () => {
    const { ben, asAnn, asBen } = await two();
    await client.ask('PUT', `/contacts/${ben.userId}`, asAnn);
    const erased = await client.ask('DELETE', '/me', asBen);
    const listed = await client.ask('GET', '/contacts', { ...asAnn, after: positionOf(erased) });
    expect(listed.json).toEqual({ items: [], next: null });
    expectRefusal(await client.ask('PUT', `/contacts/${ben.userId}`, asAnn), 404, 'user/not-found');
    expect((await client.ask('DELETE', `/contacts/${ben.userId}`, asAnn)).status).toBe(204);
  });
});

describe('blocks', () => {
  test('are made once, and listed for the one who made them', async () => {
    const { ann, ben, asAnn, asBen } = await two();
    const blocked = await client.ask('PUT', `/blocks/${ben.userId}`, asAnn);
    expect(blocked).toMatchObject({ status: 201, json: { userId: ben.userId, createdAt: expect.any(String) } });
    expect(Object.keys(blocked.json)).toEqual(['userId', 'createdAt']);
    expect(await client.ask('PUT', `/blocks/${ben.userId}`, asAnn)).toMatchObject({ status: 200, json: blocked.json });
    const after = positionOf(blocked);
    expect((await client.ask('GET', '/blocks', { ...asAnn, after })).json).toEqual({
      items: [blocked.json],
      next: null,
    });
    expect((await client.ask('GET', '/blocks', { ...asBen, after })).json).toEqual({ items: [], next: null });
    expect((await client.ask('PUT', `/blocks/${ann.userId}`, asBen)).status).toBe(201);
  });

  test('stop contact requests both ways, until they are lifted', async () => {
    const { ann, ben, asAnn, asBen } = await two();
    await client.ask('PUT', `/blocks/${ben.userId}`, asAnn);
    expectRefusal(await client.ask('PUT', `/contacts/${ben.userId}`, asAnn), 403, 'contact/blocked');
    expectRefusal(await client.ask('PUT', `/contacts/${ann.userId}`, asBen), 403, 'contact/blocked');
    const lifted = await client.ask('DELETE', `/blocks/${ben.userId}`, asAnn);
    expect(lifted.status).toBe(204);
    expect((await client.ask('DELETE', `/blocks/${ben.userId}`, asAnn)).status).toBe(204);
    expect((await client.ask('GET', '/blocks', { ...asAnn, after: positionOf(lifted) })).json['items']).toEqual([]);
    expect((await client.ask('PUT', `/contacts/${ann.userId}`, asBen)).status).toBe(201);
  });
});

test.each([
  ['PUT', 'contacts'],
  ['DELETE', 'contacts'],
  ['PUT', 'blocks'],
  ['DELETE', 'blocks'],
])('%s %s refuses oneself, who is not there, what is no id, and who is not signed in', async (method, list) => {
  const { ann, asAnn } = await two();
  expectRefusal(await client.ask(method, `/${list}/${ann.userId}`, asAnn), 400, 'request/invalid');
  expectRefusal(await client.ask(method, `/${list}/${randomUUID()}`, asAnn), 404, 'user/not-found');
  expectRefusal(await client.ask(method, `/${list}/me`, asAnn), 400, 'request/invalid');
  expectRefusal(await client.ask(method, `/${list}/${ann.userId}`), 401, 'auth/required');
});

test('a read that must see a write which no read model gets to is read-model/behind', async () => {
  const { asAnn } = await two();
  const after = Buffer.from(`p${2n ** 62n}`).toString('base64url');
  const started = performance.now();
  const answer = await client.ask('GET', '/contacts', { ...asAnn, after });
  expectRefusal(answer, 503, 'read-model/behind');
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(performance.now() - started).toBeGreaterThan(1_900);
});
