import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { EventStoreDbEventStore, type EventStoreDbOptions } from '../../../adapters/eventstoredb/event-store.ts';
import { freePort } from '../../../app/demo/server-process.ts';
import {
  beforeLog,
  EventStoreUnavailable,
  noStream,
  type EventStore,
  type NewEvent,
} from '../../../ports/event-store.ts';
import { newEvents, newStream } from '../../contract/events.ts';
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
  const store = new EventStoreDbEventStore({ url: server.url, patienceMs: 60_000, ...options });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

/** Appends until the store has acknowledged it, with the same ids every time. */
const insist = async (store: EventStore, stream: string, events: readonly NewEvent[], expected: number) => {
  for (;;) {
    try {
      return await store.append(stream, events, expected);
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await sleep(10);
    }
  }
};

interface Writer {
  readonly stream: string;
  readonly acknowledged: string[];
  readonly done: Promise<void>;
}

/** Appends one after the other to a stream of its own until it is told to end. */
const startWriter = (store: EventStore, signal: AbortSignal): Writer => {
  const stream = newStream();
  const acknowledged: string[] = [];
  const write = async (): Promise<void> => {
    while (!signal.aborted) {
      const events = newEvents(1 + (acknowledged.length % 3));
      await insist(store, stream, events, acknowledged.length - 1);
      acknowledged.push(...events.map(({ id }) => id));
    }
  };
  return { stream, acknowledged, done: write() };
};

const totalOf = (writers: readonly Writer[]): number =>
  writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);

describe('a server that goes away and comes back', () => {
  test.each(['kill9', 'stop'] as const)(
    '%s under load: no acknowledged append is lost or doubled, a subscription sees each event once and in order',
    { timeout: 60_000 },
    async (end) => {
      const store = openStore();
      const before = await store.head();
      await using follower = new Follower(store, before);
      await follower.caughtUpAfter(0);
      const ending = new AbortController();
      const writers = Array.from({ length: 16 }, () => startWriter(store, ending.signal));
      for (let round = 0; round < 3; round += 1) {
        const start = totalOf(writers);
        await vi.waitFor(() => expect(totalOf(writers)).toBeGreaterThan(start + 300), { timeout: 20_000 });
        await server[end]();
        await server.start();
      }
      const start = totalOf(writers);
      await vi.waitFor(() => expect(totalOf(writers)).toBeGreaterThan(start + 300), { timeout: 20_000 });
      ending.abort();
      await Promise.all(writers.map(({ done }) => done));
      for (const { stream, acknowledged } of writers) {
        const ids = (await collect(store.readStream(stream))).map(({ id }) => id);
        expect(ids).toEqual(acknowledged);
      }
      await follower.caughtUpAfter(totalOf(writers));
      expect(follower.events).toEqual(await store.readLog(before, 1_000_000));
    },
  );

  test('while it is away calls fail at once, and a subscription tells its reader after its patience', async () => {
    const store = openStore({ patienceMs: 300 });
    const stream = newStream();
    const events = newEvents(2);
    await store.append(stream, events, noStream);
    const following = collect(store.subscribe(await store.head(), new AbortController().signal));
    following.catch(() => undefined);
    await server.kill9();
    const started = Date.now();
    await expect(store.append(stream, newEvents(1), 1)).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(collect(store.readStream(stream))).rejects.toBeInstanceOf(EventStoreUnavailable);
    await expect(store.head()).rejects.toBeInstanceOf(EventStoreUnavailable);
    expect(Date.now() - started).toBeLessThan(4_000);
    await expect(following).rejects.toBeInstanceOf(EventStoreUnavailable);
    await server.start();
    await vi.waitFor(() => store.head(), { timeout: 10_000 });
    expect(await store.append(stream, events, noStream)).toMatchObject({ revision: 1 });
  });

  test('a subscription tells its reader after its patience also when the clock goes back', async () => {
    const store = openStore({ url: `esdb://127.0.0.1:${await freePort()}?tls=false`, patienceMs: 300 });
    const now = Date.now.bind(Date);
    let backMs = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - (backMs += 1_000));
    onTestFinished(() => clock.mockRestore());
    const following = collect(store.subscribe(beforeLog, new AbortController().signal));
    await expect(following).rejects.toBeInstanceOf(EventStoreUnavailable);
  });
});

describe('a server that hangs', () => {
  test('makes one append wait for the deadline and no other; what was in doubt is there once afterwards', async () => {
    const store = openStore({ timeoutMs: 500 });
    const stream = newStream();
    await store.append(stream, newEvents(1), noStream);
    await using follower = new Follower(store, await store.head());
    await follower.caughtUpAfter(0);
    await server.freeze();
    onTestFinished(() => server.thaw());
    const doubtful = newEvents(2);
    await expect(store.append(stream, doubtful, 0)).rejects.toBeInstanceOf(EventStoreUnavailable);
    const started = performance.now();
    for (const call of [store.append(stream, doubtful, 0), store.head(), collect(store.readStream(stream))]) {
      await expect(call).rejects.toBeInstanceOf(EventStoreUnavailable);
    }
    expect(performance.now() - started).toBeLessThan(250);
    await server.thaw();
    expect(await insist(store, stream, doubtful, 0)).toMatchObject({ revision: 2 });
    const stored = await collect(store.readStream(stream, { after: 0 }));
    expect(stored.map(({ id }) => id)).toEqual(doubtful.map(({ id }) => id));
    await follower.caughtUpAfter(2);
    expect(follower.events).toEqual(stored);
  });

  test('makes a read fail within the deadline', async () => {
    const store = openStore({ timeoutMs: 500 });
    const stream = newStream();
    await store.append(stream, newEvents(1), noStream);
    await server.freeze();
    onTestFinished(() => server.thaw());
    await expect(collect(store.readStream(stream))).rejects.toBeInstanceOf(EventStoreUnavailable);
    await server.thaw();
    await vi.waitFor(async () => expect(await collect(store.readStream(stream))).toHaveLength(1), { timeout: 10_000 });
  });

  test('makes no read shorter that began after the one which missed its deadline', async () => {
    const store = openStore({ timeoutMs: 600 });
    const stream = newStream();
    await store.append(stream, newEvents(3), noStream);
    await server.freeze();
    onTestFinished(() => server.thaw());
    const first = store.head();
    first.catch(() => undefined);
    // Not yet late themselves when the first one takes the connection with it.
    await sleep(300);
    const later = [
      store.head(),
      store.readLog(-1n, 10),
      collect(store.readStream(stream)),
      collect(store.readStreamBackwards(stream)),
    ];
    const outcomes = await Promise.allSettled([first, ...later]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) as unknown });
    }
  });

  test('ends in good order also while nothing answers', async () => {
    const store = openStore({ timeoutMs: 300 });
    await server.freeze();
    onTestFinished(() => server.thaw());
    const waiting = store.append(newStream(), newEvents(1), noStream);
    waiting.catch(() => undefined);
    await store[Symbol.asyncDispose]();
    await expect(waiting).rejects.toBeInstanceOf(EventStoreUnavailable);
  });
});

test('the death of one server leaves the appends to another one alone', async () => {
  await using other = await startEventStoreDb();
  const [dying, healthy] = [openStore({ url: other.url }), openStore()];
  const flood = (store: EventStore): Promise<unknown>[] =>
    Array.from({ length: 64 }, () => store.append(newStream(), newEvents(20), noStream));
  await Promise.all([...flood(dying), ...flood(healthy)]);
  const lost = Promise.allSettled(flood(dying));
  const kept = Promise.all(flood(healthy));
  await other.kill9();
  expect(await kept).toHaveLength(64);
  expect((await lost).some(({ status }) => status === 'rejected')).toBe(true);
  expect(await Promise.all(flood(healthy))).toHaveLength(64);
});
