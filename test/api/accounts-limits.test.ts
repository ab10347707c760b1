import { afterAll, beforeAll, expect, test } from 'vitest';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, type Answer, type Client } from './accounts-client.ts';

let server: TestParley;
let client: Client;

beforeAll(async () => {
  server = await openParley({ RATE_LIMITS: 'on' });
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

const expectLimited = (answer: Answer): void => {
  expectRefusal(answer, 429, 'rate/limited');
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(answer.json['retryAfterSeconds']).toBe(seconds);
};

// One address and one minute for the whole file, so the order of the tests counts.
test('logins and registrations tell what is left for the address', async () => {
  const answer = await client.register('ada');
  expect(answer.headers.get('ratelimit-policy')).toBe('"sign-ins";q=20;w=60');
  expect(answer.headers.get('ratelimit')).toMatch(/^"sign-ins";r=19;t=\d+$/);
});

test('a user has 100 requests in 10 s, on whatever device', async () => {
  const { accessToken: token } = (await client.login('ada')).json as { accessToken: string };
  const other = (await client.login('ada')).json as { accessToken: string };
  const answers = await Promise.all(
    Array.from({ length: 110 }, (_, index) =>
      client.ask('GET', '/me', { token: index % 2 === 0 ? token : other.accessToken }),
    ),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
  const limited = answers.filter(({ status }) => status !== 200);
  expect(limited).toHaveLength(10);
  for (const answer of limited) expectLimited(answer);
  expect(limited[0]?.headers.get('ratelimit-policy')).toBe('"requests";q=100;w=10');
  expect(limited[0]?.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=\d+$/);
});

test('a username has ten wrong passwords a minute; then the right one is refused as well, others are not', async () => {
  await client.register('ben');
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    expectRefusal(await client.login('ada', { name: 'x' }, 'a wrong password'), 401, 'auth/wrong-credentials');
  }
  expectLimited(await client.login('ada', { name: 'x' }, 'a wrong password'));
  expectLimited(await client.login('ada'));
  expect((await client.login('ben')).status).toBe(201);
});

test('an address has twenty logins and registrations a minute', async () => {
  const answers: Answer[] = [];
  for (let attempt = 1; attempt <= 5; attempt += 1) answers.push(await client.register(`cat-${attempt}`));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429, 429]);
  expectLimited(answers[4]!);
});
