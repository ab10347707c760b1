import { v7 } from 'uuid';
import { expect, it } from 'vitest';
import type { FeedQueries } from '../../projections/queries.ts';
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
