import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { RedisPubSub, type RedisPubSubOptions } from '../../../adapters/redis/pub-sub.ts';
import { PubSubUnavailable } from '../../../ports/pub-sub.ts';
import { pubSubContract } from '../../contract/pub-sub.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { cut, openProxy } from '../../servers/toxiproxy.ts';
import { newPrefix, timeouts } from './opened.ts';

const open = (url: string, options: Partial<RedisPubSubOptions> = {}): RedisPubSub =>
  new RedisPubSub({ url, prefix: newPrefix(), timeouts, ...options });

/** Publishes until it is heard: what is published during an outage may be lost. */
const untilHeard = async (pubSub: RedisPubSub, heard: readonly string[], message: string): Promise<void> =>
  vi.waitFor(
    async () => {
      await pubSub.publish('room', message);
      expect(heard.at(-1)).toBe(message);
    },
    { timeout: 10_000, interval: 50 },
  );

describeWith(['redis', 'toxiproxy'], 'pub/sub on Redis', ({ redis, toxiproxy }) => {
  pubSubContract('Redis', async () => {
    const prefix = newPrefix();
    return { store: open(redis.url, { prefix }), reopen: async () => open(redis.url, { prefix }) };
  });

  test('a listener that throws is reported and disturbs no one', async () => {
    const errors: unknown[] = [];
    await using pubSub = open(redis.url, { onError: (error) => errors.push(error) });
    const failure = new Error('no');
    const heard: string[] = [];
    await pubSub.subscribe('room', () => {
      throw failure;
    });
    await pubSub.subscribe('room', (message) => heard.push(message));
    await pubSub.publish('room', 'a');
    await vi.waitFor(() => expect(heard).toEqual(['a']));
    expect(errors).toEqual([failure]);
  });

  test('while Redis is stopped it says so in bounded time; subscriptions come back by themselves', async (context) => {
    const server = redis.process(context);
    const told: string[] = [];
    await using pubSub = open(redis.url, { onDown: () => told.push('down'), onUp: () => told.push('up') });
    const heard: string[] = [];
    await pubSub.subscribe('room', (message) => heard.push(message));
    await untilHeard(pubSub, heard, 'a');
    await server.kill9();
    const started = performance.now();
    await expect(pubSub.publish('room', 'b')).rejects.toBeInstanceOf(PubSubUnavailable);
    await expect(pubSub.subscribe('other', () => {})).rejects.toBeInstanceOf(PubSubUnavailable);
    expect(performance.now() - started).toBeLessThan(5_000);
    await server.start();
    await untilHeard(pubSub, heard, 'c');
    expect(told).toEqual(['down', 'up']);
  });

  test('a flush takes no subscription', async () => {
    await using pubSub = open(redis.url);
    const heard: string[] = [];
    await pubSub.subscribe('room', (message) => heard.push(message));
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await pubSub.publish('room', 'a');
    await vi.waitFor(() => expect(heard).toEqual(['a']));
  });

  test('a listening connection whose other end went silent is replaced', async () => {
    await using proxy = await openProxy(toxiproxy.url, redis.url);
    await using pubSub = open(proxy.url, { heartbeatMs: 100 });
    const heard: string[] = [];
    await pubSub.subscribe('room', (message) => heard.push(message));
    await untilHeard(pubSub, heard, 'a');
    {
      await using _hole = await cut(proxy);
      await expect(pubSub.publish('room', 'b')).rejects.toBeInstanceOf(PubSubUnavailable);
    }
    await untilHeard(pubSub, heard, 'c');
  });
});
