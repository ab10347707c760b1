import { v7 } from 'uuid';
import { expect, it } from 'vitest';
import { catalog } from '../../domain/catalog.ts';
import { DomainError } from '../../domain/errors.ts';
import { createLogTail } from '../../projections/log-tail.ts';
import { silent } from '../../projections/log.ts';
import type { FeedQueries, ReadModels } from '../../projections/queries.ts';
import type { Frame, Viewer } from '../../realtime/frame.ts';
import { Hub } from '../../realtime/hub.ts';
import { createMetrics } from '../../realtime/metrics.ts';
import { encodePosition } from '../../services/position-token.ts';
import { Client } from './support/client.ts';
import { group, people } from './support/group.ts';
import { startNode, type SignedIn } from './support/node.ts';

/** Something happens exactly once, right before the gateway reads this, or when it has read and not yet the answer. */
const startWith = async (query: 'memberships' | 'leftSince', when: 'before' | 'after' = 'after') => {
  let meanwhile = async (): Promise<unknown> => undefined;
  const node = await startNode({
    before: (models) => ({
      ...models,
      feed: {
        ...models.feed,
        async [query](...args: never[]) {
          const act = meanwhile;
          meanwhile = async () => undefined;
          if (when === 'before') await act();
          const found = await (models.feed[query] as (...args: never[]) => ReturnType<FeedQueries[typeof query]>)(
            ...args,
          );
          if (when === 'after') await act();
          return found;
        },
      },
    }),
  });
  const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
  const hubPassed = async (): Promise<void> => {
    const head = await node.events.head();
    await expect.poll(() => node.gateway.status().position >= head, { interval: 1 }).toBe(true);
  };
  return { node, ada, ben, hubPassed, next: (act: () => Promise<unknown>) => (meanwhile = act) };
};

it.each([
  ['before the hub knows', false],
  ['and the hub has passed it', true],
])('does not listen with memberships that changed while they were read, %s', async (_name, passes) => {
  const { node, ada, ben, hubPassed, next } = await startWith('memberships');
  await using _ = node;
  const [left, joined] = [await group(node, ada, [ben]), await group(node, ada, [])];
  const { members, messages } = node.messaging;
  next(async () => {
    await members.remove(ada, left, ben.userId);
    await members.put(ada, joined, ben.userId, undefined);
    if (passes) await hubPassed();
  });
  using client = await Client.ready(node, ben);
  for (const id of [left, joined]) await messages.send(ada, id, v7(), { text: 'a' });
  await client.event('messageSent', ({ conversationId }) => conversationId === joined);
  expect(client.events(left)).toEqual([]);
  expect(client.events(joined).map(({ event }) => event.type)).toEqual(['messageSent']);
});

it('knows what was cleared while memberships were read', async () => {
  const { node, ada, ben, next } = await startWith('memberships');
  await using _ = node;
  const id = await group(node, ada, [ben]);
  const messageId = v7();
  const { messages, conversations } = node.messaging;
  await messages.send(ada, id, messageId, { text: 'a' });
  next(() => conversations.clearHistory(ben, id));
  using client = await Client.ready(node, ben);
  await messages.edit(ada, id, messageId, { text: 'b' });
  await messages.send(ada, id, v7(), { text: 'c' });
  await client.event('messageSent');
  expect(client.events(id).map(({ event }) => event.type)).toEqual(['hidden', 'messageSent']);
});

it('replays no further than to where live frames begin', async () => {
  const { node, ada, ben, hubPassed, next } = await startWith('leftSince');
  await using _ = node;
  const id = await group(node, ada, [ben]);
  const since = encodePosition(await node.events.head());
  const { messages } = node.messaging;
  await messages.send(ada, id, v7(), { text: 'missed' });
  next(async () => {
    await messages.send(ada, id, v7(), { text: 'meanwhile' });
    await hubPassed();
  });
  using client = await Client.ready(node, ben, since);
  await expect.poll(() => client.events(id).length).toBe(2);
  expect(client.frames.map(({ type }) => type)).toEqual(['event', 'ready', 'event']);
});

it('tells one who is added again meanwhile that he had been removed', async () => {
  const { node, ada, ben, hubPassed, next } = await startWith('leftSince', 'before');
  await using _ = node;
  const id = await group(node, ada, [ben]);
  const since = encodePosition(await node.events.head());
  const { members } = node.messaging;
  await members.remove(ada, id, ben.userId);
  next(async () => {
    await members.put(ada, id, ben.userId, undefined);
    await node.models.waitFor(['feed'], await node.events.head());
    await hubPassed();
  });
  using client = await Client.ready(node, ben, since);
  await client.event('memberAdded');
  expect(client.events(id).map(({ event }) => event.type)).toEqual(['memberRemoved', 'memberAdded']);
});

it('keeps the first device of a user whose second one comes while he is loaded, and the hub is at work', async () => {
  await using node = await startNode();
  const [ada, ben] = (await people(node, 2)) as [SignedIn, SignedIn];
  const id = await group(node, ada, [ben]);
  const { messages } = node.messaging;
  const messageId = v7();
  await messages.send(ada, id, messageId, { text: 'a' });
  await node.models.waitFor(['feed', 'profiles', 'timeline'], await node.events.head());
  let isTimelineBehind = false;
  const reading = Promise.withResolvers<void>();
  const isRead = Promise.withResolvers<void>();
  const models: ReadModels = {
    ...node.models,
    async waitFor(names, position) {
      if (isTimelineBehind && names.includes('timeline')) throw new DomainError('read-model/behind');
      await node.models.waitFor(names, position);
    },
    feed: {
      ...node.models.feed,
      async memberships(userId) {
        if (userId === ben.userId) {
          reading.resolve();
          await isRead.promise;
        }
        return await node.models.feed.memberships(userId);
      },
    },
  };
  await using tail = createLogTail({ events: node.events, catalog });
  await using hub = new Hub({ tail, events: node.events, models, metrics: createMetrics(), log: silent });
  const viewerOf = ({ userId }: SignedIn): Viewer & { readonly frames: Frame[] } => {
    const frames: Frame[] = [];
    return { userId, frames, receive: (frame) => void frames.push(frame), tell: () => {}, fail: () => {} };
  };
  const { signal } = new AbortController();
  await hub.attach(viewerOf(ada), signal);
  const [phone, laptop] = [viewerOf(ben), viewerOf(ben)];
  const first = hub.attach(phone, signal);
  await reading.promise;
  isTimelineBehind = true;
  await messages.edit(ada, id, messageId, { text: 'b' });
  await expect.poll(() => hub.status.waitingFor).toEqual(['timeline']);
  const second = hub.attach(laptop, signal);
  isRead.resolve();
  await node.models.waitFor(['feed'], await node.events.head());
  isTimelineBehind = false;
  await Promise.all([first, second]);
  await messages.send(ada, id, v7(), { text: 'c' });
  await expect.poll(() => laptop.frames.length).toBe(1);
  expect(phone.frames.length).toBe(1);
});
