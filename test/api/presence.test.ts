import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawSocket } from '../support/raw-socket.ts';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, type Client } from './accounts-client.ts';

let server: TestParley;
let client: Client;
beforeAll(async () => {
  server = await openParley();
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

const look = async (token: string, userIds: readonly string[], after?: string) =>
  client.ask('GET', `/presence?userIds=${userIds.join(',')}`, { token, after });

test('presence is looked up for many at once, in the order asked for', async () => {
  const [ann, ben, cid] = [await client.join('ann'), await client.join('ben'), await client.join('cid')];
  const unknown = randomUUID();
  await using socket = await RawSocket.ready(server.parley.url, ben.accessToken);
  const ids = [cid, ben].map(({ user }) => user.userId).concat(unknown);
  const [cidId, benId] = ids as [string, string];
  await expect
    .poll(async () => (await look(ann.accessToken, ids, cid.position)).json)
    .toEqual({
      items: [
        { userId: cidId, state: 'offline', lastSeenAt: expect.any(String) },
        { userId: benId, state: 'online' },
        { userId: unknown, state: 'offline' },
      ],
      next: null,
    });
  socket.send({ id: 1, type: 'away', away: true });
  await expect
    .poll(async () => (await look(ann.accessToken, [benId])).json['items'])
    .toMatchObject([{ state: 'away' }]);
  socket.socket.close(1000);
  await once(socket.socket, 'close');
  await expect
    .poll(async () => (await look(ann.accessToken, [benId, benId])).json['items'])
    .toEqual([{ userId: benId, state: 'offline', lastSeenAt: expect.any(String) }]);
});

test('of whoever hides it, or where one has blocked the other, no more is told than of one who is offline', async () => {
  const [ann, ben] = [await client.join('ann'), await client.join('ben')];
  const { userId } = ben.user;
  await using _socket = await RawSocket.ready(server.parley.url, ben.accessToken);
  const seen = async (after: string) => (await look(ann.accessToken, [userId], after)).json['items'];
  const patch = async (lastSeen: string) => {
    const body = { privacy: { lastSeen } };
    return (await client.ask('PATCH', '/me', { token: ben.accessToken, body })).headers.get('parley-position')!;
  };
  await expect.poll(() => seen(ben.position)).toEqual([{ userId, state: 'online' }]);
  expect(await seen(await patch('contacts'))).toEqual([{ userId, state: 'offline' }]);
  await client.ask('PUT', `/contacts/${userId}`, { token: ann.accessToken });
  const accepted = await client.ask('PUT', `/contacts/${ann.user.userId}`, { token: ben.accessToken });
  expect(await seen(accepted.headers.get('parley-position')!)).toEqual([{ userId, state: 'online' }]);
  expect(await seen(await patch('nobody'))).toEqual([{ userId, state: 'offline' }]);
  expect(await seen(await patch('everyone'))).toEqual([{ userId, state: 'online' }]);
  const blocked = await client.ask('PUT', `/blocks/${ann.user.userId}`, { token: ben.accessToken });
  expect(await seen(blocked.headers.get('parley-position')!)).toEqual([{ userId, state: 'offline' }]);
});

test.each([
  ['nobody', ''],
  ['what is no id', 'userIds=ann'],
  ['an empty place', `userIds=${randomUUID()},`],
  ['201 users', `userIds=${Array.from({ length: 201 }, () => randomUUID()).join(',')}`],
])('a look-up of %s is refused', async (_name, query) => {
  const { accessToken: token } = await client.join();
  expectRefusal(await client.ask('GET', `/presence?${query}`, { token }), 400, 'request/invalid');
});

test('200 users can be looked up in one call, and nobody who is not signed in', async () => {
  const { accessToken: token } = await client.join();
  const ids = Array.from({ length: 200 }, () => randomUUID());
  const answer = await look(token, ids);
  expect(answer.json['items']).toEqual(ids.map((userId) => ({ userId, state: 'offline' })));
  expectRefusal(await client.ask('GET', `/presence?userIds=${ids[0]}`), 401, 'auth/required');
});
