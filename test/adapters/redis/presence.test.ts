import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { RedisPresence, type RedisPresenceOptions } from '../../../adapters/redis/presence.ts';
import { PresenceUnavailable, type PresentDevice } from '../../../ports/presence.ts';
import { presenceContract } from '../../contract/presence.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { cut, openProxy } from '../../servers/toxiproxy.ts';
import { newPrefix, timeouts } from './opened.ts';

const open = (url: string, options: Partial<RedisPresenceOptions> = {}): RedisPresence =>
  new RedisPresence({ url, prefix: newPrefix(), timeouts, ...options });

const ann: PresentDevice = { userId: 'ann', deviceId: 'd1', connectionId: 'c1', state: 'online' };

describeWith(['redis', 'toxiproxy'], 'presence on Redis', ({ redis, toxiproxy }) => {
  presenceContract(
    'Redis',
    async () => {
      const prefix = newPrefix();
      return { store: open(redis.url, { prefix }), reopen: async () => open(redis.url, { prefix }) };
    },
    async (holdsMs) => open(redis.url, { holdsMs }),
  );

  test('a flushed Redis knows of nobody, and of whoever speaks again', async () => {
    await using presence = open(redis.url);
    await presence.say([ann]);
    const client = new Redis(redis.url);
    await client.flushall();
    await client.script('FLUSH');
    client.disconnect();
    expect((await presence.of(['ann'])).get('ann')).toMatchObject({ state: 'offline', seenAt: null });
    expect(await presence.say([ann])).toEqual(['ann']);
    expect((await presence.of(['ann'])).get('ann')).toMatchObject({ state: 'online' });
  });

  test('what is known of a user is forgotten in the end', async () => {
    await using presence = open(redis.url, { holdsMs: 50, remembersMs: 200 });
    await presence.say([ann]);
    await vi.waitFor(async () => expect((await presence.of(['ann'])).get('ann')!.seenAt).toBeNull(), {
      timeout: 3_000,
    });
  });

  test('a killed Redis is an error within seconds, told once, and works again when it is back', async (context) => {
    const server = redis.process(context);
    const told: string[] = [];
    await using presence = open(redis.url, { onDown: () => told.push('down'), onUp: () => told.push('up') });
    await presence.say([ann]);
    await server.kill9();
    const started = performance.now();
    await expect(presence.say([ann])).rejects.toBeInstanceOf(PresenceUnavailable);
    await expect(presence.of(['ann'])).rejects.toBeInstanceOf(PresenceUnavailable);
    await expect(presence.leave(ann)).rejects.toBeInstanceOf(PresenceUnavailable);
    expect(performance.now() - started).toBeLessThan(6_000);
    await server.start();
    await vi.waitFor(async () => expect(await presence.say([ann])).toBeDefined(), { timeout: 5_000 });
    expect((await presence.of(['ann'])).get('ann')).toMatchObject({ state: 'online' });
    expect(told).toEqual(['down', 'up']);
  });

  test('a Redis that swallows everything holds nobody up for long', async () => {
    await using proxy = await openProxy(toxiproxy.url, redis.url);
    await using presence = open(proxy.url);
    await presence.say([ann]);
    await using _hole = await cut(proxy);
    const started = performance.now();
    await expect(presence.of(['ann'])).rejects.toBeInstanceOf(PresenceUnavailable);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
