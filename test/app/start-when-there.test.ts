import pino from 'pino';
import { expect, test } from 'vitest';
import { loadConfig } from '../../app/config.ts';
import { startWhenThere } from '../../app/start-when-there.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { startEventStoreDb } from '../servers/event-store-db.ts';
import { describeWith } from '../servers/suite.ts';
import { cheapPasswords } from '../support/local-server.ts';
import { clientOf } from '../api/accounts-client.ts';
import { freePort, temporaryFolder } from '../../app/demo/server-process.ts';

interface Ready {
  readonly status: string;
  readonly reasons: readonly string[];
}

/** A start that is under way, on a port that is known. */
const beginStart = async (folder: string, env: NodeJS.ProcessEnv) => {
  const port = await freePort();
  const config = loadConfig({ DATA_DIR: folder, PORT: String(port), RATE_LIMITS: 'off', ...env });
  const stopping = new AbortController();
  const logger = pino({ level: 'silent' });
  const options = { logger, signal: stopping.signal, everyMs: 50, passwordCost: cheapPasswords };
  const starting = startWhenThere(config, options);
  const origin = `http://127.0.0.1:${port}`;
  const readiness = async (): Promise<Ready | undefined> => {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    return answer && { ...((await answer.json()) as Ready), status: String(answer.status) };
  };
  return {
    origin,
    readiness,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await (await starting)?.[Symbol.asyncDispose]();
    },
  };
};

const register = (origin: string, username: string) =>
  clientOf(origin).ask('POST', '/users', { body: { username, password: 'correct horse' } });

describeWith(['mongodb', 'redis'], 'A process whose servers are not there when it starts', ({ mongodb, redis }) => {
  test('listens, names what is missing, refuses with Retry-After, and goes on when MongoDB is there', async (context) => {
    const server = mongodb.process(context);
    await using temporary = await temporaryFolder();
    const url = newDatabase(mongodb.url);
    await server.stop();
    await using start = await beginStart(temporary.folder, { MONGODB_URL: url });
    await expect
      .poll(async () => (await start.readiness())?.reasons.join(), { timeout: 15_000 })
      .toContain('MONGODB_URL: MongoDB cannot be reached');
    expect(await start.readiness()).toMatchObject({ status: '503' });
    expect((await fetch(`${start.origin}/healthz`)).status).toBe(200);
    const refused = await register(start.origin, 'ann');
    expect(refused.status).toBe(503);
    expect(refused.json).toMatchObject({ code: 'server/unavailable' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await server.start();
    await expect.poll(start.readiness, { timeout: 20_000 }).toMatchObject({ status: '200' });
    expect((await register(start.origin, 'ann')).status).toBe(201);
  }, 60_000);

  test('listens, is not ready, and goes on when EventStoreDB and Redis are there', async (context) => {
    const server = redis.process(context);
    await using eventStore = await startEventStoreDb();
    await using temporary = await temporaryFolder();
    await Promise.all([eventStore.stop(), server.stop()]);
    await using start = await beginStart(temporary.folder, {
      EVENTSTOREDB_URL: eventStore.url,
      REDIS_URL: redis.url,
    });
    await expect
      .poll(async () => (await start.readiness())?.reasons.join(), { timeout: 15_000 })
      .toContain('EVENTSTOREDB_URL: EventStoreDB cannot be reached');
    const startedAt = performance.now();
    const refused = await register(start.origin, 'ann');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await Promise.all([eventStore.start(), server.start()]);
    await expect.poll(start.readiness, { timeout: 20_000 }).toMatchObject({ status: '200' });
    expect((await register(start.origin, 'ben')).status).toBe(201);
  }, 60_000);
});
