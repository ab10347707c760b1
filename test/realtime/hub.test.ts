import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { expect, it } from 'vitest';
import { InProcessPresence } from '../../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { DomainError } from '../../domain/errors.ts';
import { conversationStream } from '../../domain/ids.ts';
import type { LogTail } from '../../projections/log-tail.ts';
import type { ReadModelName } from '../../projections/queries.ts';
import { EventFrames } from '../../realtime/event-frames.ts';
import { decodePosition, encodePosition } from '../../services/position-token.ts';
import { Client, type EventFrame } from './support/client.ts';
import { startNode, type NodeOptions } from './support/node.ts';

const start = async (options: NodeOptions = {}) => {
  const node = await startNode(options);
  const [ada, ben] = [await node.signIn(), await node.signIn()];
  const group = { kind: 'group' as const, name: 'g', memberIds: [ben.userId] };
  const { conversationId } = (await node.messaging.conversations.start(ada, group)).result;
  return { node, ada, ben, conversationId };
};

it('waits for a read model that is behind, visibly, and skips nothing', async () => {
  const blocked = new Set<ReadModelName>();
  const { node, ada, ben, conversationId } = await start({
    before: (models) => ({
      ...models,
      async waitFor(names, position) {
        if (names.some((name) => blocked.has(name))) throw new DomainError('read-model/behind');
        await models.waitFor(names, position);
      },
    }),
  });
  await using _ = node;
  using client = await Client.ready(node, ben);
  const messageId = v7();
  const { messages } = node.messaging;
  await messages.send(ada, conversationId, messageId, { text: 'a' });
  await client.event('messageSent');
  blocked.add('timeline');
  await messages.edit(ada, conversationId, messageId, { text: 'b' });
  await messages.send(ada, conversationId, v7(), { text: 'c' });
  await expect.poll(() => node.gateway.status().waitingFor).toEqual(['timeline']);
  expect(await client.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
  expect(client.events()).toHaveLength(1);
  expect(node.gateway.metrics.readModelWaits).toBeGreaterThan(0);
  blocked.clear();
  await client.event('messageSent', ({ event }) => event.message.text === 'c');
  expect(client.events().map(({ revision }) => revision)).toEqual([1, 2, 3]);
  expect(node.gateway.status().waitingFor).toEqual([]);
});

it('does not let a hello wait for ever', async () => {
  let isBlocked = false;
  const { node, ada } = await start({
    before: (models) => ({
      ...models,
      async waitFor(names, position) {
        if (isBlocked) throw new DomainError('read-model/behind');
        await models.waitFor(names, position);
      },
    }),
  });
  await using _ = node;
  isBlocked = true;
  using client = await Client.open(node);
  client.write({ id: 1, type: 'hello', token: ada.token });
  expect((await client.closed).code).toBe(1001);
  isBlocked = false;
  using again = await Client.ready(node, ada);
  expect(again.frames).toHaveLength(1);
});

it('gives up a hello while the fan-out is stuck, and serves it once it goes on', async () => {
  const blocked = new Set<ReadModelName>();
  const { node, ada, ben, conversationId } = await start({
    settings: { attachMs: 100 },
    before: (models) => ({
      ...models,
      async waitFor(names, position) {
        if (names.some((name) => blocked.has(name))) throw new DomainError('read-model/behind');
        await models.waitFor(names, position);
      },
    }),
  });
  await using _ = node;
  using listening = await Client.ready(node, ada);
  const messageId = v7();
  await node.messaging.messages.send(ada, conversationId, messageId, { text: 'a' });
  blocked.add('timeline');
  await node.messaging.messages.edit(ada, conversationId, messageId, { text: 'b' });
  await expect.poll(() => node.gateway.status().waitingFor).toEqual(['timeline']);
  using stuck = await Client.open(node);
  stuck.write({ id: 1, type: 'hello', token: ben.token });
  expect((await stuck.closed).code).toBe(1001);
  blocked.clear();
  await listening.event('messageEdited');
  using client = await Client.ready(node, ben);
  await node.messaging.messages.send(ada, conversationId, v7(), { text: 'c' });
  await client.event('messageSent', ({ event }) => event.message.text === 'c');
  expect(client.events()).toHaveLength(1);
});

it('attaches many devices of one user at once, each at a position of its own without a gap', async () => {
  const { node, ada, ben, conversationId } = await start();
  await using _ = node;
  const since = encodePosition(await node.events.head());
  const stop = new AbortController();
  const sending = (async () => {
    while (!stop.signal.aborted) await node.messaging.messages.send(ada, conversationId, v7(), { text: 'a' });
  })();
  for (let round = 0; round < 10; round += 1) {
    const devices = await Promise.all(Array.from({ length: 8 }, () => node.signIn(ben.userId)));
    const clients = await Promise.all(devices.map((device) => Client.ready(node, device, since)));
    for (const client of clients) {
      const seen = client.events(conversationId).length;
      await expect.poll(() => client.events(conversationId).length, { interval: 1 }).toBeGreaterThan(seen);
      const revisions = client.events(conversationId).map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.map((_, n) => n + 1));
      client[Symbol.dispose]();
    }
    await expect.poll(() => node.gateway.metrics.socketsOpen, { interval: 1 }).toBe(0);
  }
  stop.abort();
  await sending;
  expect(node.gateway.metrics.closes.get(1001)).toBeUndefined();
});

it('stops at an event that cannot be decoded, visibly, and keeps its sockets', async () => {
  const { node, ada, conversationId } = await start();
  await using _ = node;
  using client = await Client.ready(node, ada);
  const metadata = { commandId: randomUUID(), actorId: ada.userId, schemaVersion: 1 };
  const stray = { id: randomUUID(), type: 'NobodyKnowsThis', data: {}, metadata };
  await node.events.append(conversationStream(randomUUID()), [stray], -1);
  await client.send(conversationId, 'after');
  await expect.poll(() => node.gateway.status().failing).toBe(true);
  expect(client.events()).toEqual([]);
  expect(await client.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
});

it('gives one who connects while he is added and removed exactly the frames that one who was there has', async () => {
  const { node, ada, ben, conversationId } = await start();
  await using _ = node;
  const second = await node.signIn(ben.userId);
  using live = await Client.ready(node, ben);
  const begin = (live.frames[0] as { position: string }).position;
  const { members, messages, conversations } = node.messaging;
  const stop = new AbortController();
  const churn = (async () => {
    for (let n = 0; !stop.signal.aborted; n += 1) {
      await messages.send(ada, conversationId, v7(), { text: String(n) });
      if (n % 3 === 0) await members.remove(ada, conversationId, ben.userId);
      if (n % 3 === 1) await members.put(ada, conversationId, ben.userId, undefined);
      if (n % 7 === 0) await conversations.start(ada, { kind: 'group', name: 'h', memberIds: [ben.userId] });
    }
  })();
  const place = ({ conversationId, revision, position, event }: EventFrame) =>
    `${position} ${conversationId} ${revision} ${event.type}`;
  for (let round = 0; round < 40; round += 1) {
    const seen = live.events();
    const since = seen[Math.floor(seen.length * 0.9)]?.position ?? begin;
    using client = await Client.ready(node, second, since);
    await expect.poll(() => client.events().length, { interval: 1 }).toBeGreaterThan(round % 5);
    const own = client.events();
    const until = decodePosition(own.at(-1)!.position);
    await expect.poll(() => decodePosition(live.events().at(-1)!.position) >= until, { interval: 1 }).toBe(true);
    const expected = live.events().filter(({ position }) => {
      const at = decodePosition(position);
      return at > decodePosition(since) && at <= until;
    });
    expect(own.map(place)).toEqual(expected.map(place));
  }
  stop.abort();
  await churn;
  expect(node.gateway.metrics.closes.get(1001)).toBeUndefined();
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

it('forgets whoever is gone', async () => {
  const { node, ada, ben, conversationId } = await start();
  await using _ = node;
  const client = await Client.ready(node, ben);
  client[Symbol.dispose]();
  await expect.poll(() => node.gateway.metrics.socketsOpen).toBe(0);
  const { position } = await node.messaging.messages.send(ada, conversationId, v7(), { text: 'a' });
  await expect.poll(() => node.gateway.status().position >= position).toBe(true);
  expect(node.gateway.metrics.eventsPushed).toBe(0);
  using back = await Client.ready(node, ben, encodePosition(position));
  expect(back.frames.map(({ type }) => type)).toEqual(['ready']);
});

it('serialises a frame once for all who see the same', () => {
  const frames = new EventFrames(
    { conversationId: 'c', revision: 5, position: 9n },
    {
      type: 'ReceiptsRecorded',
      data: {
        at: '2026-01-01T00:00:00.000Z',
        receipts: [
          { userId: 'open', deviceId: 'd', read: 3 },
          { userId: 'hider', deviceId: 'd', delivered: 1, read: 4 },
        ],
      },
    },
    { message: () => undefined, hidesReads: (userId) => userId === 'hider' },
  );
  const open = frames.for({ userId: 'a', hidesReads: false, sees: true });
  const hiding = frames.for({ userId: 'hider', hidesReads: true, sees: true });
  expect(frames.for({ userId: 'b', hidesReads: false, sees: true })).toBe(open);
  expect(frames.for({ userId: 'other hider', hidesReads: true, sees: true })).toBe(hiding);
  const receiptsIn = ({ data }: { readonly data: Buffer }): unknown => JSON.parse(data.toString()).event.receipts;
  expect(receiptsIn(open)).toEqual([
    { userId: 'open', deviceId: 'd', read: 3 },
    { userId: 'hider', deviceId: 'd', delivered: 4 },
  ]);
  expect(receiptsIn(hiding)).toEqual([
    { userId: 'open', deviceId: 'd', delivered: 3 },
    { userId: 'hider', deviceId: 'd', delivered: 4 },
  ]);
});

it('gives clients the place of an event to come back with, where others write to the same log as well', async () => {
  const { node, ada, conversationId } = await start();
  await using _ = node;
  await using pubSub = new InProcessPubSub();
  await using presence = new InProcessPresence();
  /** As where the log goes on, but with nothing of ours. */
  const tailOf = (tail: LogTail): LogTail => ({
    head: () => tail.head(),
    lag: (position) => tail.lag(position),
    status: () => tail.status(),
    async *follow(...given) {
      for await (const batch of tail.follow(...given)) {
        yield batch.kind === 'caught-up' ? { ...batch, position: batch.position + 1_000n } : batch;
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
  await using other = await node.another({ pubSub, presence, settings: {}, tailOf });
  using first = await Client.ready(other, ada);
  await node.messaging.messages.send(ada, conversationId, v7(), { text: 'a' });
  await first.event('messageSent');
  using second = await Client.ready(other, ada);
  const { position } = await second.first('ready');
  expect(decodePosition(position, 'position')).toBe(await node.events.head());
  using back = await Client.ready(other, ada, position);
  await node.messaging.messages.send(ada, conversationId, v7(), { text: 'b' });
  await back.event('messageSent', ({ event }) => event.message.text === 'b');
});
