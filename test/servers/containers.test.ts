import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { findContainerEngine, hasContainerEngine, setting } from './container-engine.ts';
import { images, redisContainer } from './container-kinds.ts';
import { ContainerServer } from './container-server.ts';

afterEach(() => vi.unstubAllEnvs());

test.each(['on', 'off'])('whether there is an engine is not looked for again once it is known: %s', async (known) => {
  vi.stubEnv(setting, known);
  await findContainerEngine([]);
  expect(process.env[setting]).toBe(known);
  expect(hasContainerEngine()).toBe(known === 'on');
});

test('containers are of the releases that docker-compose.yml runs', () => {
  const file = readFileSync(path.join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
  const { services } = parse(file, { merge: true }) as { services: Record<string, { image?: string }> };
  const composed = new Set(Object.values(services).map(({ image }) => image));
  expect(Object.values(images).filter((image) => !composed.has(image))).toEqual([]);
});

test.runIf(hasContainerEngine())(
  'a container keeps its port and its data when it is killed and started again',
  async () => {
    await using server = await ContainerServer.start(redisContainer);
    const ask = async <Answer>(question: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
      const redis = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: 1, retryStrategy: null });
      redis.on('error', () => {});
      try {
        return await question(redis);
      } finally {
        redis.disconnect();
      }
    };
    await ask((redis) => redis.set('kept', 'yes'));
    await server.kill9();
    await expect(ask((redis) => redis.get('kept'))).rejects.toBeInstanceOf(Error);
    await server.start();
    expect(await ask((redis) => redis.get('kept'))).toBe('yes');
    await server.freeze();
    const waiting = ask((redis) => redis.get('kept'));
    await server.thaw();
    expect(await waiting).toBe('yes');
  },
  180_000,
);
