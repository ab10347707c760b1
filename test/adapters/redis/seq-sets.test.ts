import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { RedisSeqSets, type RedisSeqSetsOptions } from '../../../adapters/redis/seq-sets.ts';
import type { SeqSetQuestion, SeqSets } from '../../../ports/seq-sets.ts';
import { seqSetsContract } from '../../contract/seq-sets.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { cut, openProxy } from '../../servers/toxiproxy.ts';
import { newPrefix } from './opened.ts';

const state = { count: 3, digest: '00000000000000ab', mark: 7 };
const question: SeqSetQuestion = { sets: [{ set: 'a', count: 3, digest: state.digest }], after: 0, upTo: 10 };

/** Connected, as it is a moment after it was made. */
const open = async (url: string, options: Partial<RedisSeqSetsOptions> = {}): Promise<SeqSets> => {
  const sets = new RedisSeqSets({ url, prefix: newPrefix(), ...options });
  await vi.waitFor(async () => expect(await sets.count([question])).toEqual(['not-held']));
  return sets;
};

describeWith(['redis', 'toxiproxy'], 'sets of numbers on Redis', ({ redis, toxiproxy }) => {
  seqSetsContract('Redis', async () => ({ store: await open(redis.url) }));

  const direct = async (work: (client: Redis, key: string) => Promise<unknown>, prefix: string): Promise<void> => {
    const client = new Redis(redis.url);
    await work(client, `${prefix}seqs:a`);
    client.disconnect();
  };

  test.each<[string, (client: Redis, key: string) => Promise<unknown>]>([
    ['everything', (client) => client.flushall()],
    ['one number', (client, key) => client.zrem(key, '5')],
    ['the state', (client, key) => client.zremrangebyscore(key, '-inf', 0)],
    ['all but the state', (client, key) => client.zremrangebyscore(key, 1, '+inf')],
    ['the kind of the key', (client, key) => client.set(key, 'something else')],
  ])('gives no number where a set has lost %s, and takes it back', async (_, lose) => {
    const prefix = newPrefix();
    await using sets = await open(redis.url, { prefix });
    await sets.put('a', state, [2, 5, 9]);
    expect(await sets.count([question])).toEqual([3]);
    await direct(lose, prefix);
    expect(await sets.count([question])).toEqual(['not-held']);
    expect(await sets.extend('a', state, { ...state, count: 4 }, [10])).toBe(false);
    await sets.put('a', state, [2, 5, 9]);
    expect(await sets.count([question])).toEqual([3]);
  });

  test('keeps a set for a while after its last change, and nothing that was not finished', async () => {
    const prefix = newPrefix();
    await using sets = await open(redis.url, { prefix, keepMs: 120_000 });
    await sets.put('a', state, [2, 5, 9]);
    await direct(async (client, key) => {
      expect(await client.keys(`${prefix}*`)).toEqual([key]);
      expect(await client.pttl(key)).toBeGreaterThan(60_000);
    }, prefix);
  });

  test('answers at once while Redis is stopped, and by itself again when it is back', async (context) => {
    const server = redis.process(context);
    const told: string[] = [];
    await using sets = await open(redis.url, { onDown: () => told.push('down'), onUp: () => told.push('up') });
    await sets.put('a', state, [2, 5, 9]);
    await server.stop();
    const started = performance.now();
    for (let i = 0; i < 50; i += 1) expect(await sets.count([question])).toEqual(['away']);
    expect(performance.now() - started).toBeLessThan(700);
    await expect(sets.held('a')).rejects.toMatchObject({ name: 'SeqSetsUnavailable' });
    await server.start();
    await vi.waitFor(async () => expect(await sets.count([question])).toEqual([3]), { timeout: 5_000 });
    expect(told.filter((each) => each === 'up').length).toBe(told.filter((each) => each === 'down').length);
  });

  test('makes one caller wait a moment where Redis swallows everything, and the others not at all', async () => {
    await using proxy = await openProxy(toxiproxy.url, redis.url);
    await using sets = await open(proxy.url, { restMs: 60_000 });
    await using _hole = await cut(proxy);
    const started = performance.now();
    expect(await sets.count([question])).toEqual(['away']);
    const first = performance.now() - started;
    expect(first).toBeLessThan(1_500);
    for (let i = 0; i < 100; i += 1) expect(await sets.count([question])).toEqual(['away']);
    expect(performance.now() - started - first).toBeLessThan(200);
  });

  test('starts without a server', async () => {
    await using sets = new RedisSeqSets({ url: 'redis://127.0.0.1:1' });
    expect(await sets.count([question])).toEqual(['away']);
  });
});
