import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { InProcessRateLimiter } from '../../../adapters/in-process/rate-limiter.ts';
import { RedisRateLimiter, type RedisRateLimiterOptions } from '../../../adapters/redis/rate-limiter.ts';
import type { RateLimit } from '../../../ports/rate-limiter.ts';
import { rateLimiterContract } from '../../contract/rate-limiter.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { cut, openProxy } from '../../servers/toxiproxy.ts';
import { newPrefix, timeouts } from './opened.ts';

const limit: RateLimit = { name: 'logins', points: 2, windowSeconds: 60 };

const open = (url: string, options: Partial<RedisRateLimiterOptions> = {}): RedisRateLimiter =>
  new RedisRateLimiter({ url, prefix: newPrefix(), fallback: new InProcessRateLimiter(), timeouts, ...options });

describeWith(['redis', 'toxiproxy'], 'rate limiter on Redis', ({ redis, toxiproxy }) => {
  rateLimiterContract('Redis', async () => ({ store: open(redis.url) }));

  test('nodes count together', async () => {
    const prefix = newPrefix();
    await using one = open(redis.url, { prefix });
    await using two = open(redis.url, { prefix });
    expect(await one.consume(limit, 'ann')).toMatchObject({ allowed: true, remaining: 1 });
    expect(await two.consume(limit, 'ann')).toMatchObject({ allowed: true, remaining: 0 });
    expect(await one.consume(limit, 'ann')).toMatchObject({ allowed: false });
  });

  test('a flushed Redis has forgotten, and counts anew', async () => {
    await using limiter = open(redis.url);
    await limiter.consume(limit, 'ann', 3);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    expect(await limiter.consume(limit, 'ann')).toMatchObject({ allowed: true, remaining: 1 });
  });

  test('while Redis is stopped each node counts for itself, told once, and then together again', async (context) => {
    const server = redis.process(context);
    const told: string[] = [];
    await using limiter = open(redis.url, { onDown: () => told.push('down'), onUp: () => told.push('up') });
    expect(await limiter.consume(limit, 'ann', 2)).toMatchObject({ allowed: true });
    await server.stop();
    const started = performance.now();
    expect(await limiter.consume(limit, 'ann')).toMatchObject({ allowed: true, remaining: 1 });
    expect(await limiter.peek(limit, 'ann')).toMatchObject({ allowed: true, remaining: 1 });
    await limiter.consume(limit, 'ann');
    expect(await limiter.consume(limit, 'ann')).toMatchObject({ allowed: false });
    expect(performance.now() - started).toBeLessThan(5_000);
    await server.start();
    await vi.waitFor(
      async () => {
        await limiter.peek(limit, 'ann');
        expect(told).toEqual(['down', 'up']);
      },
      { timeout: 5_000 },
    );
    expect(await limiter.consume(limit, 'ann')).toMatchObject({ allowed: false });
  });

  test('a Redis that swallows everything holds nobody up for long', async () => {
    await using proxy = await openProxy(toxiproxy.url, redis.url);
    await using limiter = open(proxy.url);
    await limiter.consume(limit, 'ann', 2);
    await using _hole = await cut(proxy);
    const started = performance.now();
    expect(await limiter.consume(limit, 'ann')).toMatchObject({ allowed: true });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('a limiter starts without a server', async () => {
    await using limiter = open('redis://127.0.0.1:1');
    expect(await limiter.consume(limit, 'ann')).toMatchObject({ allowed: true, remaining: 1 });
  });
});
