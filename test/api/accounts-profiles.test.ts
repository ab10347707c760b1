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

const positionOf = ({ headers }: { readonly headers: Headers }): string => headers.get('parley-position') ?? '';

describe("one's own profile", () => {
  test('begins with defaults', async () => {
    const { accessToken: token, user } = await client.join();
    const { status, json } = await client.ask('GET', '/me', { token });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...user,
      privacy: { lastSeen: 'everyone', readReceipts: true, whoMayMessage: 'everyone' },
      notifications: { enabled: true, preview: true },
    });
  });

  test('a change answers the whole of it, and others see it', async () => {
    const [ann, ben] = [await client.join('ann'), await client.join('ben')];
    const avatarMediaId = randomUUID();
    const body = {
      displayName: 'Ann',
      statusText: 'away 🌴',
      timeZone: 'Europe/Berlin',
      avatarMediaId,
      privacy: { readReceipts: false },
      notifications: { preview: false },
    };
    const changed = await client.ask('PATCH', '/me', { token: ann.accessToken, body });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({
      displayName: 'Ann',
      statusText: 'away 🌴',
      timeZone: 'Europe/Berlin',
      avatarMediaId,
      privacy: { lastSeen: 'everyone', readReceipts: false, whoMayMessage: 'everyone' },
      notifications: { enabled: true, preview: false },
    });
    const seen = await client.ask('GET', `/users/${ann.user.userId}`, {
      token: ben.accessToken,
      after: positionOf(changed),
    });
    const { privacy: _privacy, notifications: _notifications, ...others } = changed.json;
    expect(seen.json).toEqual(others);
  });

  test('null clears, and repeating a change has no further effect', async () => {
    const { accessToken: token, user } = await client.join();
    await client.ask('PATCH', '/me', { token, body: { timeZone: 'Asia/Tokyo' } });
    const first = await client.ask('PATCH', '/me', { token, body: { timeZone: null } });
    const again = await client.ask('PATCH', '/me', { token, body: { timeZone: null } });
    expect(first.json).toMatchObject({ timeZone: null });
    expect(again.json).toEqual(first.json);
    expect(positionOf(again)).toBe(positionOf(first));
    const stream = await Array.fromAsync(server.parley.ports.events.readStream(`user-${user.userId}`));
    expect(stream.map(({ type }) => type)).toEqual([
      'UserRegistered',
      'DeviceAdded',
      'ProfileChanged',
      'ProfileChanged',
    ]);
  });

  test.each([
    ['an empty display name', { displayName: '' }],
    ['too long a status', { statusText: 'x'.repeat(201) }],
    ['a time zone that there is not', { timeZone: 'Mars/Olympus' }],
    ['an avatar that is no id', { avatarMediaId: 'x' }],
    ['an unknown choice', { privacy: { lastSeen: 'friends' } }],
    ['an unknown part', { privacy: { typing: true } }],
    ['a username', { username: 'new-name' }],
  ])('%s is request/invalid', async (_, body) => {
    const { accessToken: token } = await client.join();
    expectRefusal(await client.ask('PATCH', '/me', { token, body }), 400, 'request/invalid');
  });
});

describe('looking others up', () => {
  test('by id, and nobody by an id that there is not', async () => {
    const [ann, ben] = [await client.join('ann'), await client.join('ben')];
    const seen = await client.ask('GET', `/users/${ann.user.userId}`, { token: ben.accessToken, after: ann.position });
    expect(seen.json).toEqual(ann.user);
    const token = ben.accessToken;
    expectRefusal(await client.ask('GET', `/users/${randomUUID()}`, { token }), 404, 'user/not-found');
    expectRefusal(await client.ask('GET', '/users/ann', { token }), 400, 'request/invalid');
  });

  test('by the exact username', async () => {
    const { username, user, accessToken: token, position: after } = await client.join();
    const named = (name: string) => client.ask('GET', `/users?username=${name}`, { token, after });
    expect((await named(username)).json).toEqual({ items: [user], next: null });
    expect((await named(username.slice(0, -1))).json).toEqual({ items: [], next: null });
  });

  test('by a prefix of username or display name, in pages', async () => {
    const prefix = `zz${randomUUID().slice(0, 6)}`;
    const { accessToken: token } = await client.join();
    const usernames = ['a', 'b', 'c'].map((letter) => `${prefix}-${letter}`);
    for (const username of usernames) await client.register(username);
    const hidden = `other-${prefix.slice(2)}`;
    const after = positionOf(await client.register(hidden, { displayName: `${prefix.toUpperCase()} É` }));
    const found = await pages<{ username: string }>(client, `/users?q=${prefix}&limit=2`, { token, after });
    expect(found.map(({ length }) => length)).toEqual([2, 2]);
    expect(found.flat().map(({ username }) => username)).toEqual([...usernames, hidden]);
  });

  test('needs one of the two, and no other parameter', async () => {
    const { accessToken: token } = await client.join();
    const wrong = ['', '?username=ab&q=a', '?q=', '?q=%00', '?limit=0&q=a', '?name=a', '?username=A', '?q=a&cursor=x'];
    for (const query of wrong) {
      expectRefusal(await client.ask('GET', `/users${query}`, { token }), 400, 'request/invalid');
    }
  });
});

describe('erasing the account', () => {
  test('ends every session at once, and nothing of the profile is left', async () => {
    const [ann, ben] = [await client.join('ann'), await client.join('ben')];
    const second = (await client.login(ann.username)).json;
    const heard: unknown[] = [];
    using _ = server.parley.services.authenticator.onRevoked((session) => heard.push(session.deviceId));
    const erased = await client.ask('DELETE', '/me', { token: ann.accessToken });
    expect(erased.status).toBe(204);
    expect(new Set(heard)).toEqual(new Set([ann.deviceId, second['deviceId']]));
    for (const token of [ann.accessToken, String(second['accessToken'])]) {
      expectRefusal(await client.ask('GET', '/me', { token }), 401, 'auth/required');
    }
    const refreshed = await client.ask('POST', '/sessions/refresh', { body: { refreshToken: ann.refreshToken } });
    expectRefusal(refreshed, 401, 'auth/required');
    expectRefusal(await client.login(ann.username), 401, 'auth/wrong-credentials');
    const asBen = { token: ben.accessToken, after: positionOf(erased) };
    expectRefusal(await client.ask('GET', `/users/${ann.user.userId}`, asBen), 404, 'user/not-found');
    expect((await client.ask('GET', `/users?username=${ann.username}`, asBen)).json).toEqual({ items: [], next: null });
  });

  test('an erasure that a crash has cut short is finished at the next sign of life', async () => {
    const ann = await client.join('ann');
    const { bus, ports } = server.parley;
    const { userId } = ann.user;
    await bus.user(userId, { commandId: randomUUID(), actorId: userId, command: { type: 'EraseUser', data: {} } });
    const refreshed = await client.ask('POST', '/sessions/refresh', { body: { refreshToken: ann.refreshToken } });
    expectRefusal(refreshed, 401, 'auth/required');
    expectRefusal(await client.ask('GET', '/me', { token: ann.accessToken }), 401, 'auth/required');
    expect(await ports.credentials.credentialByUsername(ann.username)).toBeUndefined();
    expect((await client.register(ann.username)).json['userId']).not.toBe(userId);
  });
});
