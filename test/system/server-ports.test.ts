import path from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { ChatClient } from '../../app/demo/client/chat-client.ts';
import { Rest } from '../../app/demo/client/rest.ts';
import { startParley, type Parley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { describeWith } from '../servers/suite.ts';
import { cheapPasswords } from '../support/local-server.ts';

const start = (folder: string, env: NodeJS.ProcessEnv): Promise<Parley> =>
  startParley(
    loadConfig({ PORT: '0', DATA_DIR: path.join(folder, 'data'), RATE_LIMITS: 'off', LOG_LEVEL: 'silent', ...env }),
    { passwordCost: cheapPasswords },
  );

const person = (rest: Rest, username: string): ChatClient =>
  new ChatClient(rest, { username, password: `secret of ${username}` });

/** Two people talk, the server is started again, and everything is as it was. */
const liveThrough = async (env: NodeJS.ProcessEnv): Promise<void> => {
  await using temporary = await temporaryFolder();
  const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
  let conversationId: string;
  {
    await using parley = await start(temporary.folder, env);
    using rest = new Rest(parley.url);
    const [ann, ben] = [person(rest, 'ann'), person(rest, 'ben')];
    for (const client of [ann, ben]) {
      await client.register();
      await client.login();
      await client.connect();
    }
    ({ conversationId } = await ann.direct(ben.userId));
    for (const [i, text] of texts.entries()) await [ann, ben][i % 2]!.send(conversationId, { text });
    await ben.receipt(conversationId, 20);
    await Promise.all([ann.goAway(), ben.goAway()]);
  }
  await using parley = await start(temporary.folder, env);
  using rest = new Rest(parley.url);
  const ann = person(rest, 'ann');
  await ann.login();
  await ann.connect();
  const history = await ann.history(conversationId);
  expect(history.map(({ text }) => text)).toEqual(texts);
  expect(history.map(({ seq }) => seq)).toEqual(texts.map((_, i) => i + 1));
  await ann.send(conversationId, { text: 'again' });
  await expect
    .poll(() => ann.feed(), { timeout: 10_000 })
    .toMatchObject([{ conversation: { conversationId, lastSeq: 21 } }]);
  await ann.goAway();
};

describeWith(['mongodb', 'redis'], 'A server whose ports are chosen one by one', ({ mongodb, redis }) => {
  test('lives through a restart with MongoDB alone', async () => {
    await liveThrough({ MONGODB_URL: newDatabase(mongodb.url) });
  });

  test('lives through a restart with Redis alone', async () => {
    await liveThrough({ REDIS_URL: redis.url });
  });

  test('lives through a restart with both', async () => {
    await liveThrough({ MONGODB_URL: newDatabase(mongodb.url), REDIS_URL: redis.url });
  });

  test('counts rate limits in Redis', async () => {
    await using temporary = await temporaryFolder();
    await using parley = await start(temporary.folder, { REDIS_URL: redis.url, RATE_LIMITS: 'on' });
    const client = new Redis(redis.url);
    await client.flushall();
    await fetch(`${parley.url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'nobody', password: 'wrong password', device: { name: 'laptop' } }),
    });
    expect(await client.keys('parley:limit:*')).not.toEqual([]);
    client.disconnect();
  });

  test('answers 503 with Retry-After while MongoDB is down, and goes on by itself', async (context) => {
    const server = mongodb.process(context);
    await using temporary = await temporaryFolder();
    await using parley = await start(temporary.folder, { MONGODB_URL: newDatabase(mongodb.url) });
    using rest = new Rest(parley.url);
    const ann = person(rest, 'ann');
    await ann.register();
    await ann.login();
    await server.stop();
    const started = performance.now();
    const answer = await fetch(`${parley.url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ann', password: 'secret of ann', device: { name: 'laptop' } }),
    });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(10_000);
    await server.start();
    await expect
      .poll(
        () =>
          ann.login().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    await expect.poll(async () => (await fetch(`${parley.url}/readyz`)).status, { timeout: 15_000 }).toBe(200);
  });
});
