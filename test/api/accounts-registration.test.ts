import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, passwordOf, type Client } from './accounts-client.ts';

let server: TestParley;
let client: Client;

beforeAll(async () => {
  server = await openParley();
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

const name = () => `ada-${randomUUID().slice(0, 8)}`;

describe('registration', () => {
  test('answers the new user', async () => {
    const username = name();
    const answer = await client.register(username, { displayName: 'Ada L. 🦉' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('parley-position')).toMatch(/^[\w-]+$/);
    expect(answer.json).toEqual({
      userId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      username,
      displayName: 'Ada L. 🦉',
      statusText: '',
      timeZone: null,
      avatarMediaId: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('without a display name it is the username', async () => {
    const username = name();
    expect((await client.register(username)).json).toMatchObject({ displayName: username });
  });

  test('a username is given once, also when many ask at the same time', async () => {
    const username = name();
    const passwords = Array.from({ length: 8 }, (_, index) => `different ${index}`);
    const answers = await Promise.all(
      passwords.map((password) => client.ask('POST', '/users', { body: { username, password } })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 201) expectRefusal(answer, 409, 'user/name-taken');
    expectRefusal(await client.register(username), 409, 'user/name-taken');
  });

  test.each([
    ['too short a name', { username: 'a' }],
    ['too long a name', { username: 'a'.repeat(33) }],
    ['upper case', { username: 'Ada' }],
    ['a name that begins with a dot', { username: '.ada' }],
    ['too short a password', { password: '1234567' }],
    ['too long a password', { password: 'x'.repeat(257) }],
    ['an empty display name', { displayName: '' }],
    ['too long a display name', { displayName: 'x'.repeat(81) }],
    ['no password', { password: undefined }],
    ['an unknown field', { role: 'operator' }],
  ])('%s is request/invalid', async (_, wrong) => {
    const answer = await client.ask('POST', '/users', {
      body: { username: name(), password: 'long enough', ...wrong },
    });
    expectRefusal(answer, 400, 'request/invalid');
  });

  test('lengths are counted in characters, not in units', async () => {
    const body = { username: name(), password: '🔑'.repeat(8), displayName: '🦉'.repeat(80) };
    expect((await client.ask('POST', '/users', { body })).status).toBe(201);
    expect((await client.ask('POST', '/users', { body: { username: name(), password: '🔑'.repeat(7) } })).status).toBe(
      400,
    );
  });

  test('the same password finishes a registration that a crash has cut short', async () => {
    const username = name();
    const { parley } = server;
    const passwordHash = await hashOf(username);
    const userId = randomUUID();
    await parley.ports.credentials.addCredential({
      userId,
      username,
      passwordHash,
      createdAt: new Date().toISOString(),
    });
    expectRefusal(await client.login(username), 401, 'auth/wrong-credentials');
    expectRefusal(
      await client.ask('POST', '/users', { body: { username, password: 'another password' } }),
      409,
      'user/name-taken',
    );
    const answer = await client.register(username);
    expect(answer).toMatchObject({ status: 201, json: { userId, username } });
    expect((await client.login(username)).status).toBe(201);
  });

  test('a username that a crash has left behind is free after a minute', async () => {
    const username = name();
    const userId = randomUUID();
    const createdAt = new Date(Date.now() - 61_000).toISOString();
    await server.parley.ports.credentials.addCredential({
      userId,
      username,
      passwordHash: await hashOf('x'),
      createdAt,
    });
    const answer = await client.register(username);
    expect(answer.status).toBe(201);
    expect(answer.json['userId']).not.toBe(userId);
    expect((await client.login(username)).status).toBe(201);
  });
});

/** A hash of the password that `passwordOf` gives, made by registering somebody with it. */
const hashOf = async (username: string): Promise<string> => {
  const other = name();
  await client.ask('POST', '/users', { body: { username: other, password: passwordOf(username) } });
  const credential = await server.parley.ports.credentials.credentialByUsername(other);
  return credential?.passwordHash ?? '';
};
