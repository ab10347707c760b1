import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, pages, type Answer, type Client } from './accounts-client.ts';

let server: TestParley;
let client: Client;

beforeAll(async () => {
  server = await openParley();
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

const name = () => `ada-${randomUUID().slice(0, 8)}`;
const refresh = (refreshToken: unknown): Promise<Answer> =>
  client.ask('POST', '/sessions/refresh', { body: { refreshToken } });
const me = (token: unknown): Promise<Answer> => client.ask('GET', '/me', { token: String(token) });

describe('logging in', () => {
  test('answers tokens, the device and the user', async () => {
    const username = name();
    const user = (await client.register(username)).json;
    const answer = await client.login(username, { name: 'laptop', platform: 'linux' });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      accessExpiresAt: expect.any(String),
      refreshToken: expect.stringMatching(/^[\w-]+$/),
      deviceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user,
    });
    const lasts = Date.parse(String(answer.json['accessExpiresAt'])) - Date.now();
    expect(lasts).toBeGreaterThan(890_000);
    expect(lasts).toBeLessThanOrEqual(900_000);
    expect((await me(answer.json['accessToken'])).json).toMatchObject({ username });
  });

  test('a wrong password and an unknown username are the same refusal', async () => {
    const { username } = await client.join();
    const wrong = await client.login(username, { name: 'x' }, 'a wrong password');
    const unknown = await client.login(name(), { name: 'x' }, 'a wrong password');
    expectRefusal(wrong, 401, 'auth/wrong-credentials');
    expectRefusal(unknown, 401, 'auth/wrong-credentials');
    const { requestId: _wrong, ...wrongBody } = wrong.json;
    const { requestId: _unknown, ...unknownBody } = unknown.json;
    expect(wrongBody).toEqual(unknownBody);
  });

  test('the same device logs in again: its earlier session ends, and it stays one device', async () => {
    const first = await client.join();
    const again = (await client.login(first.username, { deviceId: first.deviceId, name: 'renamed' })).json;
    expect(again['deviceId']).toBe(first.deviceId);
    expectRefusal(await me(first.accessToken), 401, 'auth/required');
    expectRefusal(await refresh(first.refreshToken), 401, 'auth/required');
    expect((await me(again['accessToken'])).status).toBe(200);
    const { json } = await client.ask('GET', '/devices', {
      token: String(again['accessToken']),
      after: first.position,
    });
    await expect
      .poll(async () => (await client.ask('GET', '/devices', { token: String(again['accessToken']) })).json['items'])
      .toMatchObject([{ deviceId: first.deviceId, name: 'renamed', current: true }]);
    expect(json['next']).toBeNull();
  });

  test('a device id of another user is a device of its own', async () => {
    const [ann, ben] = [await client.join('ann'), await client.join('ben')];
    const answer = await client.login(ben.username, { deviceId: ann.deviceId, name: 'same id' });
    expect(answer.json['deviceId']).toBe(ann.deviceId);
    expect((await me(ann.accessToken)).json).toMatchObject({ username: ann.username });
    expect((await me(answer.json['accessToken'])).json).toMatchObject({ username: ben.username });
  });

  test('the twenty-first device signs out the one unseen longest', async () => {
    const first = await client.join();
    const others: Record<string, unknown>[] = [];
    for (let number = 2; number <= 20; number += 1) {
      server.pass(1_000);
      others.push((await client.login(first.username, { name: `device ${number}` })).json);
    }
    server.pass(61_000);
    expect((await me(first.accessToken)).status).toBe(200);
    const last = await client.login(first.username, { name: 'device 21' });
    expect((await me(first.accessToken)).status).toBe(200);
    expectRefusal(await me(others[0]?.['accessToken']), 401, 'auth/required');
    expect((await me(others[1]?.['accessToken'])).status).toBe(200);
    const position = last.headers.get('parley-position') ?? '';
    await expect
      .poll(async () => {
        const { json } = await client.ask('GET', '/devices', {
          token: String(last.json['accessToken']),
          after: position,
        });
        return (json['items'] as readonly unknown[]).length;
      })
      .toBe(20);
  });
});

describe('access tokens', () => {
  test('an expired one is auth/expired, a forged or foreign one auth/required', async () => {
    const joined = await client.join();
    server.pass(901_000);
    expectRefusal(await me(joined.accessToken), 401, 'auth/expired');
    const fresh = (await client.login(joined.username)).json;
    const [header, claims, signature] = String(fresh['accessToken']).split('.') as [string, string, string];
    const decoded = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const forge = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const forged = [
      `${header}.${forge({ ...decoded, exp: 9_999_999_999 })}.${signature}`,
      `${forge({ alg: 'none', typ: 'JWT' })}.${claims}.`,
      `${header}.${claims}.${'A'.repeat(43)}`,
      `${header}.${claims}`,
      'nonsense',
    ];
    for (const token of forged) expectRefusal(await me(token), 401, 'auth/required');
  });

  test('last seen moves at most once a minute', async () => {
    const { accessToken } = await client.join();
    const lastSeen = async () => {
      const { json } = await client.ask('GET', '/devices', { token: accessToken });
      return (json['items'] as readonly { readonly lastSeenAt: string }[])[0]?.lastSeenAt;
    };
    const first = await expect.poll(lastSeen).toBeDefined().then(lastSeen);
    server.pass(30_000);
    expect(await lastSeen()).toBe(first);
    server.pass(31_000);
    const moved = await lastSeen();
    expect(Date.parse(moved ?? '') - Date.parse(first ?? '')).toBeGreaterThanOrEqual(60_000);
  });
});

describe('refreshing', () => {
  test('each token is good once, and gives new ones', async () => {
    const first = await client.join();
    const second = await refresh(first.refreshToken);
    expect(second.status).toBe(201);
    expect(second.json).toMatchObject({ deviceId: first.deviceId, user: first.user });
    expect(second.json['refreshToken']).not.toBe(first.refreshToken);
    expect(second.headers.get('parley-position')).toMatch(/^[\w-]+$/);
    expect((await me(second.json['accessToken'])).status).toBe(200);
    expect((await refresh(second.json['refreshToken'])).status).toBe(201);
  });

  test('a lost reply is repeated within a minute: the same successor, with 200', async () => {
    const first = await client.join();
    const second = await refresh(first.refreshToken);
    server.pass(59_000);
    const again = await refresh(first.refreshToken);
    expect(again.status).toBe(200);
    expect(again.json['refreshToken']).toBe(second.json['refreshToken']);
    expect((await me(again.json['accessToken'])).status).toBe(200);
    expect((await refresh(again.json['refreshToken'])).status).toBe(201);
  });

  test('many at the same time get the same successor', async () => {
    const { refreshToken } = await client.join();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(refreshToken)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(new Set(answers.map(({ json }) => json['refreshToken'])).size).toBe(1);
  });

  test('after a minute the token before revokes the device', async () => {
    const first = await client.join();
    const second = await refresh(first.refreshToken);
    server.pass(60_001);
    expectRefusal(await refresh(first.refreshToken), 401, 'auth/required');
    expectRefusal(await refresh(second.json['refreshToken']), 401, 'auth/required');
    expectRefusal(await me(second.json['accessToken']), 401, 'auth/required');
  });

  test('a token whose successor was used revokes the device, however soon', async () => {
    const first = await client.join();
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.json['refreshToken']);
    expectRefusal(await refresh(first.refreshToken), 401, 'auth/required');
    expectRefusal(await me(third.json['accessToken']), 401, 'auth/required');
    const relogged = await client.login(first.username);
    const { json } = await client.ask('GET', '/devices', {
      token: String(relogged.json['accessToken']),
      after: relogged.headers.get('parley-position') ?? '',
    });
    expect((json['items'] as readonly { deviceId: string }[]).map(({ deviceId }) => deviceId)).toEqual([
      relogged.json['deviceId'],
    ]);
  });

  test('what is no token of ours is auth/required and revokes nothing', async () => {
    const { refreshToken, accessToken } = await client.join();
    const changed = `${refreshToken.slice(0, -2)}${refreshToken.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const token of ['x', changed, accessToken]) expectRefusal(await refresh(token), 401, 'auth/required');
    expect((await me(accessToken)).status).toBe(200);
    expectRefusal(await refresh(''), 400, 'request/invalid');
    expectRefusal(await refresh(7), 400, 'request/invalid');
  });
});

describe('revocation', () => {
  test('logging out ends the session at once, and only this one', async () => {
    const first = await client.join();
    const other = (await client.login(first.username)).json;
    const answer = await client.ask('DELETE', '/sessions/current', { token: first.accessToken });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('parley-position')).toMatch(/^[\w-]+$/);
    expectRefusal(await me(first.accessToken), 401, 'auth/required');
    expectRefusal(await refresh(first.refreshToken), 401, 'auth/required');
    expect((await me(other['accessToken'])).status).toBe(200);
  });

  test('a device can be revoked from another one', async () => {
    const first = await client.join();
    const other = (await client.login(first.username, { name: 'lost phone' })).json;
    const address = `/devices/${String(other['deviceId'])}`;
    const answer = await client.ask('DELETE', address, { token: first.accessToken });
    expect(answer.status).toBe(204);
    expectRefusal(await me(other['accessToken']), 401, 'auth/required');
    const after = answer.headers.get('parley-position') ?? '';
    const { json } = await client.ask('GET', '/devices', { token: first.accessToken, after });
    expect(json).toEqual({
      items: [
        {
          deviceId: first.deviceId,
          name: 'phone',
          platform: null,
          createdAt: expect.any(String),
          lastSeenAt: expect.any(String),
          current: true,
        },
      ],
      next: null,
    });
    expectRefusal(await client.ask('DELETE', address, { token: first.accessToken }), 404, 'device/not-found');
  });

  test('the listeners of the authenticator hear which session has ended', async () => {
    const joined = await client.join();
    const heard: unknown[] = [];
    using _ = server.parley.services.authenticator.onRevoked((session) => heard.push(session));
    await client.ask('DELETE', '/sessions/current', { token: joined.accessToken });
    const { userId } = joined.user;
    expect(heard).toEqual([{ userId, deviceId: joined.deviceId, sessionId: expect.any(String) }]);
  });

  test('devices come in pages', async () => {
    const { username, accessToken: token } = await client.join();
    for (const device of ['two', 'three']) {
      server.pass(1_000);
      await client.login(username, { name: device });
    }
    server.pass(1_000);
    const last = await client.login(username, { name: 'four' });
    const after = last.headers.get('parley-position') ?? '';
    const found = await pages<{ name: string }>(client, '/devices?limit=2', { token, after });
    expect(found.flat().map(({ name }) => name)).toEqual(['phone', 'two', 'three', 'four']);
    expectRefusal(await client.ask('GET', '/devices?cursor=nonsense', { token }), 400, 'request/invalid');
    expectRefusal(await client.ask('GET', '/devices?limit=201', { token }), 400, 'request/invalid');
  });
});
