import { setImmediate as nextTurn } from 'node:timers/promises';
import { v7 } from 'uuid';
import { expect, it, vi } from 'vitest';
import { InProcessPresence } from '../../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { PresenceUnavailable, type Presence, type UserPresence } from '../../ports/presence.ts';
import type { PubSub } from '../../ports/pub-sub.ts';
import { silent } from '../../projections/log.ts';
import { Watches } from '../../realtime/watches.ts';
import { Client } from './support/client.ts';
import { startNode } from './support/node.ts';

/** Presence that answers no look before it is let, and says when one is asked for. */
const slowPresence = (presence: Presence) => {
  const asked = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const slow: Presence = {
    say: (devices) => presence.say(devices),
    leave: (device) => presence.leave(device),
    async of(userIds) {
      asked.resolve();
      await allowed.promise;
      return await presence.of(userIds);
    },
    [Symbol.asyncDispose]: () => presence[Symbol.asyncDispose](),
  };
  return { slow, asked: asked.promise, answer: allowed.resolve };
};

/** Which users' changes are listened to. */
const listened = (pubSub: PubSub) => {
  const users = new Set<string>();
  const counting: PubSub = {
    publish: (channel, message) => pubSub.publish(channel, message),
    async subscribe(channel, listener) {
      const subscription = await pubSub.subscribe(channel, listener);
      const [kind, userId = ''] = channel.split('/');
      if (kind !== 'presence') return subscription;
      users.add(userId);
      return {
        async [Symbol.asyncDispose]() {
          users.delete(userId);
          await subscription[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => pubSub[Symbol.asyncDispose](),
  };
  return { counting, users };
};

it('watches nobody for a socket that was gone before its request was begun', async () => {
  await using presence = new InProcessPresence();
  await using pubSub = new InProcessPubSub();
  const { slow, asked, answer } = slowPresence(presence);
  const { counting, users } = listened(pubSub);
  await using node = await startNode({ presence: slow, pubSub: counting });
  const [ada, ben] = [await node.signIn(), await node.signIn()];
  const [first, second, third] = [v7(), v7(), v7()];
  using client = await Client.ready(node, ada);
  client.write({ id: 1, type: 'watch', userIds: [first] });
  client.write({ id: 2, type: 'watch', userIds: [second] });
  await asked;
  client.socket.terminate();
  await expect.poll(() => node.gateway.metrics.socketsOpen).toBe(0);
  answer();
  using other = await Client.ready(node, ben);
  await other.ask({ type: 'watch', userIds: [third] });
  expect([...users]).toEqual([third]);
});

it('closes in good order while a look at presence fails', async () => {
  await using pubSub = new InProcessPubSub();
  const looking = Promise.withResolvers<ReadonlyMap<string, UserPresence>>();
  const service = { visibleTo: async () => new Set<string>(), presenceOf: vi.fn(() => looking.promise) };
  const settings = { onlineAfterMs: 100, lookAgainMs: 1_000, sweepMs: 20, maxWatched: 500 };
  const watches = new Watches({ service, pubSub, settings, log: silent });
  const asked = watches.watch({ userId: v7(), watched: new Set(), tell: () => {} }, [v7()]);
  await expect.poll(() => service.presenceOf.mock.calls.length).toBe(1);
  const closing = watches[Symbol.asyncDispose]();
  await nextTurn();
  looking.reject(new PresenceUnavailable());
  await expect(asked).rejects.toBeInstanceOf(PresenceUnavailable);
  await expect(closing).resolves.toBeUndefined();
});
