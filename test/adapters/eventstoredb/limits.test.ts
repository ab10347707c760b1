import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { EventStoreDbEventStore, type EventStoreDbOptions } from '../../../adapters/eventstoredb/event-store.ts';
import { withSettings } from '../../../adapters/eventstoredb/connection.ts';
import { beforeLog, noStream } from '../../../ports/event-store.ts';
import { newEvent, newEvents, newStream } from '../../contract/events.ts';
import { Follower } from '../../contract/follower.ts';
import { collect } from '../../contract/opened.ts';
import { startEventStoreDb, type EventStoreDb } from '../../servers/event-store-db.ts';

let server: EventStoreDb;
beforeAll(async () => {
  server = await startEventStoreDb();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const openStore = (options: Partial<EventStoreDbOptions> = {}): EventStoreDbEventStore => {
  const store = new EventStoreDbEventStore({ url: server.url, ...options });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

test('refuses what would break the connection before it is sent, and goes on', async () => {
  const store = openStore();
  const stream = newStream();
  const good = newEvent();
  const bad = [
    { ...good, id: 'not-a-uuid' },
    { ...good, id: '' },
    { ...good, id: '00000000-0000-0000-0000-000000000000' },
    { ...good, id: good.id.toUpperCase() },
    { ...good, type: '' },
    { ...good, data: undefined },
    { ...good, data: 1n },
  ];
  for (const event of bad) {
    await expect(store.append(stream, [newEvent(), event], noStream)).rejects.toBeInstanceOf(TypeError);
  }
  for (const expected of [-2, 0.5, Number.NaN, 2 ** 60]) {
    await expect(store.append(stream, [good], expected)).rejects.toBeInstanceOf(TypeError);
  }
  for (const other of ['media-1', 'conversation', 'conversation-', '$all', '']) {
    await expect(store.append(other, [good], noStream)).rejects.toBeInstanceOf(TypeError);
  }
  expect(await store.append(stream, [good], noStream)).toMatchObject({ revision: 0 });
});

test('writes nothing of an append that is more than the server takes at once', async () => {
  const store = openStore();
  const stream = newStream();
  const events = Array.from({ length: 3 }, () => newEvent('x'.repeat(400_000)));
  await expect(store.append(stream, events, noStream)).rejects.toThrow('1048576 bytes');
  expect(await collect(store.readStream(stream))).toEqual([]);
  expect(await store.append(stream, events.slice(1), noStream)).toMatchObject({ revision: 1 });
});

test('leaves out of the log what others keep on the same server, and still knows how far it has looked', async () => {
  const ours = openStore();
  const others = openStore({ prefixes: ['invoice-'] });
  const start = await ours.head();
  const invoices = async (count: number): Promise<void> => {
    await others.append(`invoice-${crypto.randomUUID()}`, newEvents(count), noStream);
  };
  await using follower = new Follower(ours, start);
  const stream = newStream();
  await invoices(700);
  await ours.append(stream, newEvents(2), noStream);
  await invoices(30);
  await ours.append(stream, newEvents(1), 1);
  const { position } = (await ours.readLog(start, 10)).at(-1)!;
  await invoices(1_200);

  expect(await ours.head()).toBe(position);
  const log = await ours.readLog(start, 100);
  expect(log.map((event) => event.stream)).toEqual([stream, stream, stream]);
  expect(await ours.readLog(log[0]!.position, 1)).toEqual([log[1]]);
  expect(await ours.readLog(position, 10)).toEqual([]);
  await follower.caughtUpAfter(3);
  expect(follower.events).toEqual(log);
  await expect.poll(() => follower.marks.at(-1)!, { timeout: 5_000 }).toBeGreaterThan(position);

  const mark = follower.marks.at(-1)!;
  await using resumed = new Follower(ours, mark);
  await resumed.caughtUpAfter(0);
  await ours.append(stream, newEvents(2), 2);
  await resumed.caughtUpAfter(2);
  expect(resumed.events).toEqual(await ours.readLog(mark, 10));
  expect(await ours.readLog(beforeLog, 10_000)).toEqual(
    (await ours.readLog(beforeLog, 10_000)).filter((event) => !event.stream.startsWith('invoice-')),
  );
});

test('loses nothing to a reader so slow that checkpoints overtake the events it has not taken', async () => {
  const ours = openStore();
  const others = openStore({ prefixes: ['invoice-'] });
  const start = await ours.head();
  for (let round = 0; round < 14; round += 1) {
    await ours.append(newStream(), [newEvent('x'.repeat(1_000_000))], noStream);
    await others.append(`invoice-${crypto.randomUUID()}`, newEvents(499), noStream);
  }
  const abort = new AbortController();
  const seen: string[] = [];
  for await (const item of ours.subscribe(start, abort.signal)) {
    if (item.kind === 'events') seen.push(...item.events.map(({ id }) => id));
    else abort.abort();
    // Long enough for all buffers on the way to fill.
    if (seen.length < 3) await sleep(1_500);
  }
  expect(seen).toEqual((await ours.readLog(start, 10_000)).map(({ id }) => id));
});

test('keeps no call open for readers that leave early, however many', async () => {
  const store = openStore({ timeoutMs: 2_000 });
  const stream = newStream();
  await store.append(stream, newEvents(1_200), noStream);
  for (let left = 0; left < 150; left += 1) {
    for await (const { revision } of store.readStream(stream)) {
      expect(revision).toBe(0);
      break;
    }
    for await (const item of store.subscribe(beforeLog, new AbortController().signal)) {
      expect(item.kind).toBe('events');
      break;
    }
  }
  expect(await collect(store.readStream(stream))).toHaveLength(1_200);
  await using follower = new Follower(store, beforeLog);
  await follower.caughtUpAfter(1_200);
});

test('appends and reads while more subscriptions are open than one connection has room for', async () => {
  const store = openStore({ timeoutMs: 2_000, patienceMs: 60_000 });
  await using open = new AsyncDisposableStack();
  const start = await store.head();
  for (let i = 0; i < 110; i += 1) open.use(new Follower(store, start));
  const stream = newStream();
  expect(await store.append(stream, newEvents(3), noStream)).toMatchObject({ revision: 2 });
  expect(await collect(store.readStream(stream))).toHaveLength(3);
});

test('sets what it needs in the connection string, and keeps the rest', () => {
  const settings = { keepAliveInterval: '10001', throwOnAppendFailure: 'true' };
  expect(withSettings('esdb://a:b@h1,h2:2114/?tls=false&KEEPALIVEINTERVAL=5', settings)).toBe(
    'esdb://a:b@h1,h2:2114?tls=false&keepAliveInterval=10001&throwOnAppendFailure=true',
  );
  expect(withSettings('esdb+discover://cluster', settings)).toBe(
    'esdb+discover://cluster?keepAliveInterval=10001&throwOnAppendFailure=true',
  );
});
