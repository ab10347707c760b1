import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { RedisPresence } from '../../adapters/redis/presence.ts';
import { RedisPubSub } from '../../adapters/redis/pub-sub.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import { newPrefix } from '../adapters/redis/opened.ts';
import { describeWith } from '../servers/suite.ts';
import { Client } from './support/client.ts';
import { group } from './support/group.ts';
import { startNode, type Endpoint } from './support/node.ts';

const holdsMs = 1_500;
const settings = { onlineAfterMs: 100, sweepMs: 20, beatMs: 200, lookAgainMs: 1_000 };

/** Says that it told, and tells nobody. */
const mute = (pubSub: PubSub): PubSub => ({
  publish: async () => {},
  subscribe: (channel, listener) => pubSub.subscribe(channel, listener),
  [Symbol.asyncDispose]: () => pubSub[Symbol.asyncDispose](),
});

describeWith(['redis'], 'presence across nodes', ({ redis }) => {
  const open = async ({ silent = false } = {}) => {
    const stack = new AsyncDisposableStack();
    const node = stack.use(await startNode());
    const prefix = newPrefix();
    const endpoint = async (): Promise<Endpoint & { readonly presence: RedisPresence }> => {
      const presence = stack.use(new RedisPresence({ url: redis.url, prefix, holdsMs }));
      const pubSub = stack.use(new RedisPubSub({ url: redis.url, prefix }));
      const opened = stack.use(await node.another({ presence, pubSub: silent ? mute(pubSub) : pubSub, settings }));
      return { ...opened, presence };
    };
    const [one, other] = [await endpoint(), await endpoint()];
    const [ada, ben] = [await node.signIn(), await node.signIn()];
    const states = (client: Client): readonly string[] =>
      client.frames.filter((frame) => frame.type === 'presence').map(({ state }) => state);
    return { node, one, other, ada, ben, states, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  };

  test('what a device does on one node is told on the other', async () => {
    await using nodes = await open();
    const { node, one, other, ada, ben, states } = nodes;
    const id = await group(node, ada, [ben]);
    using watcher = await Client.ready(one, ada);
    await watcher.ask({ type: 'watch', userIds: [ben.userId] });
    const watched = await Client.ready(other, ben);
    await expect.poll(() => states(watcher)).toEqual(['offline', 'online']);
    await watched.ask({ type: 'away', away: true });
    await expect.poll(() => states(watcher)).toEqual(['offline', 'online', 'away']);
    await watched.ask({ type: 'typing', conversationId: id, active: true });
    await watcher.first('typing');
    watched.socket.close(1000);
    await expect.poll(() => states(watcher)).toEqual(['offline', 'online', 'away', 'offline']);
    const typing = watcher.frames.filter((frame) => frame.type === 'typing').map(({ active }) => active);
    expect(typing).toEqual([true, false]);
  });

  test('a device that moves from node to node is there all the while', async () => {
    await using nodes = await open();
    const { one, other, ada, ben, states } = nodes;
    using watcher = await Client.ready(one, ada);
    const first = await Client.ready(one, ben);
    await watcher.ask({ type: 'watch', userIds: [ben.userId] });
    using _second = await Client.ready(other, ben);
    first.socket.close(1000);
    await first.closed;
    await expect.poll(() => one.gateway.metrics.socketsOpen).toBe(1);
    using late = await Client.ready(one, await nodes.node.signIn());
    await late.ask({ type: 'watch', userIds: [ben.userId] });
    expect(states(late)).toEqual(['online']);
    expect(states(watcher)).toEqual(['online']);
  });

  test('the devices of a node that is gone without a word run out', async () => {
    await using nodes = await open();
    const { one, other, ada, ben, states } = nodes;
    using watcher = await Client.ready(one, ada);
    using _watched = await Client.ready(other, ben);
    await watcher.ask({ type: 'watch', userIds: [ben.userId] });
    await other.presence[Symbol.asyncDispose]();
    const died = performance.now();
    await expect.poll(() => states(watcher), { timeout: 5_000 }).toEqual(['online', 'offline']);
    expect(performance.now() - died).toBeGreaterThan(holdsMs - settings.beatMs * 2);
  });

  test('a flushed Redis heals by the next beats, and nobody hears of it but as a flicker', async () => {
    await using nodes = await open();
    const { one, other, ada, ben, states } = nodes;
    using watcher = await Client.ready(one, ada);
    using _watched = await Client.ready(other, ben);
    await watcher.ask({ type: 'watch', userIds: [ben.userId] });
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    using late = await Client.ready(one, await nodes.node.signIn());
    await expect
      .poll(async () => (await one.presence.of([ben.userId])).get(ben.userId)?.state, { timeout: 3_000 })
      .toBe('online');
    await late.ask({ type: 'watch', userIds: [ben.userId] });
    expect(states(late)).toEqual(['online']);
    await expect.poll(() => states(watcher).at(-1)).toBe('online');
  });

  test('where no message comes through, it is found out by looking again', async () => {
    await using nodes = await open({ silent: true });
    const { one, other, ada, ben, states } = nodes;
    using watcher = await Client.ready(one, ada);
    await watcher.ask({ type: 'watch', userIds: [ben.userId] });
    const watched = await Client.ready(other, ben);
    await expect.poll(() => states(watcher), { timeout: 4_000 }).toEqual(['offline', 'online']);
    watched.socket.close(1000);
    await expect.poll(() => states(watcher), { timeout: 4_000 }).toEqual(['offline', 'online', 'offline']);
  });

  test('while Redis is away a watch is refused, everything else goes on, and all is well when it is back', async (context) => {
    const server = redis.process(context);
    await using nodes = await open();
    const { node, one, other, ada, ben, states } = nodes;
    const id = await group(node, ada, [ben]);
    using watcher = await Client.ready(one, ada);
    using _watched = await Client.ready(other, ben);
    await watcher.ask({ type: 'watch', userIds: [ben.userId] });
    await server.kill9();
    const refused = await watcher.ask({ type: 'watch', userIds: [ada.userId] });
    expect(refused).toMatchObject({ error: { code: 'server/unavailable' } });
    expect(await watcher.send(id, 'meanwhile')).toMatchObject({ result: { text: 'meanwhile' } });
    expect(await watcher.ask({ type: 'typing', conversationId: id, active: true })).toMatchObject({ result: null });
    await server.start();
    await expect
      .poll(async () => await watcher.ask({ type: 'watch', userIds: [ada.userId] }), { timeout: 8_000 })
      .toMatchObject({ result: null });
    await expect.poll(() => states(watcher).at(-1), { timeout: 5_000 }).toBe('online');
  });
});
