import * as fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { catalog, UndecodableEvent, type Catalog } from '../../domain/catalog.ts';
import { beforeLog, EventStoreUnavailable, type EventStore, type Position } from '../../ports/event-store.ts';
import { createLogTail, type LogTail } from '../../projections/log-tail.ts';
import { UndecodableLogEvent } from '../../projections/undecodable-log-event.ts';
import { id, roomStream, sent, started } from './support/facts.ts';
import { faulty } from './support/faulty.ts';
import { memoryLog } from './support/log.ts';

const backOff = { firstMs: 1, mostMs: 5 };

/** Reads until `enough`, at its own speed. */
const read = async (
  tail: LogTail,
  after: Position,
  enough: (seqs: readonly number[]) => boolean,
  pauses: () => Promise<void> = async () => undefined,
): Promise<readonly number[]> => {
  const seqs: number[] = [];
  const stop = new AbortController();
  for await (const batch of tail.follow(after, stop.signal)) {
    if (batch.kind !== 'events') continue;
    for (const { event } of batch.events) seqs.push(event.type === 'MessageSent' ? event.data.seq : 0);
    if (enough(seqs)) stop.abort();
    await pauses();
  }
  return seqs;
};
const upTo = (last: number) => (seqs: readonly number[]) => seqs.at(-1) === last;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Knows of how many events it has decoded, and cannot decode messages with the number `broken`. */
const countingCatalog = (broken?: number): Catalog & { decoded: number } => ({
  decoded: 0,
  currentVersion: (type) => catalog.currentVersion(type),
  decode(stored) {
    this.decoded += 1;
    const event = catalog.decode(stored);
    if (event.type === 'MessageSent' && event.data.seq === broken) throw new UndecodableEvent('no');
    return event;
  },
});

describe('the tail of the log', () => {
  it('gives what was there, says that there is no more, and goes on with what comes', async () => {
    const { events, writer } = memoryLog();
    await using _ = events;
    await writer.write(roomStream, started(), sent(1));
    await using tail = createLogTail({ events, catalog });
    const stop = new AbortController();
    const batches = tail.follow(beforeLog, stop.signal)[Symbol.asyncIterator]();
    expect((await batches.next()).value).toMatchObject({
      kind: 'events',
      events: [
        { stream: roomStream, revision: 0, event: { type: 'ConversationStarted' } },
        { stream: roomStream, revision: 1, event: { type: 'MessageSent' }, actorId: 'system' },
      ],
    });
    expect((await batches.next()).value).toEqual({ kind: 'caught-up', position: await events.head() });
    const next = batches.next();
    await writer.write(roomStream, sent(2));
    expect((await next).value).toMatchObject({
      kind: 'events',
      events: [{ revision: 2, event: { data: { seq: 2 } } }],
    });
    expect((await batches.next()).value).toEqual({ kind: 'caught-up', position: await events.head() });
    expect(tail.head()).toBe(await events.head());
    const last = batches.next();
    stop.abort();
    expect(await last).toEqual({ done: true, value: undefined });
  });

  it('decodes an event once, however many follow', async () => {
    const { events, writer } = memoryLog();
    await using _ = events;
    const counting = countingCatalog();
    await using tail = createLogTail({ events, catalog: counting });
    await vi.waitFor(() => expect(tail.status().state).toBe('live'));
    const readers = numbers(1, 10).map(() => read(tail, beforeLog, upTo(50)));
    await vi.waitFor(async () => expect(tail.lag(beforeLog)).toEqual({ events: 0, ms: 0 }));
    await writer.write(roomStream, started());
    for (const seq of numbers(1, 50)) await writer.write(roomStream, sent(seq));
    for (const seqs of await Promise.all(readers)) expect(seqs).toEqual(numbers(0, 50));
    expect(counting.decoded).toBe(51);
  });

  it('gives every follower everything once and in order, whatever its speed and wherever it starts', async () => {
    const speed = fc.record({
      after: fc.nat(30),
      pauseMs: fc.constantFrom(0, 0, 1, 4),
      every: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(speed, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 12 }),
        fc.nat(30),
        fc.integer({ min: 1, max: 4_000 }),
        async (speeds, bufferEvents, batchEvents, bursts, before, bufferCharacters) => {
          const { events, writer } = memoryLog();
          await using _ = events;
          await writer.write(roomStream, started());
          const origin = await events.head();
          for (const seq of numbers(1, before)) await writer.write(roomStream, sent(seq));
          await using tail = createLogTail({ events, catalog, bufferEvents, bufferCharacters, batchEvents });
          const total = before + bursts.reduce((sum, burst) => sum + burst, 0);
          const readers = speeds.map(async ({ after, pauseMs, every }) => {
            const from = Math.min(after, before);
            let batches = 0;
            const seqs = await read(tail, origin + BigInt(from), upTo(total), async () => {
              batches += 1;
              if (pauseMs > 0 && batches % every === 0) await sleep(pauseMs);
            });
            expect(seqs).toEqual(numbers(from + 1, total));
          });
          let seq = before;
          for (const burst of bursts) {
            await writer.write(roomStream, ...numbers(seq + 1, seq + burst).map((next) => sent(next)));
            seq += burst;
          }
          await Promise.all(readers);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('stops every follower at an event that cannot be decoded, after everything before it', async () => {
    const { events, writer } = memoryLog();
    await using _ = events;
    await writer.write(roomStream, started(), sent(1));
    await using tail = createLogTail({ events, catalog: countingCatalog(3) });
    const seen: number[] = [];
    const following = (after: Position) =>
      read(tail, after, upTo(5), async () => undefined).catch((error: unknown) => error);
    const early = (async () => {
      for await (const batch of tail.follow(beforeLog, new AbortController().signal)) {
        if (batch.kind === 'events') seen.push(...batch.events.map(({ revision }) => revision));
      }
    })().catch((thrown: unknown) => thrown);
    const position = await writer.write(roomStream, sent(2), sent(3));
    await writer.write(roomStream, sent(4), sent(5));
    const error = await early;
    expect(error).toBeInstanceOf(UndecodableLogEvent);
    expect(error).toMatchObject({ place: { stream: roomStream, revision: 3, position }, type: 'MessageSent' });
    expect(seen).toEqual([0, 1, 2]);
    expect(await following(beforeLog)).toBeInstanceOf(UndecodableEvent);
    expect(await following(position)).toEqual([4, 5]);
  });

  it('reads on where it was when the store could not be read, and says so meanwhile', async () => {
    const { events, writer } = memoryLog();
    await using _ = events;
    let failing = false;
    let passed = 0;
    const store = faulty<EventStore>(events, (method) => {
      if (failing && ['subscribe', 'readLog', 'head'].includes(method)) throw new EventStoreUnavailable('away');
    });
    // A subscription that breaks after every second batch.
    const breaking: EventStore = new Proxy(store, {
      get: (target, property) =>
        property !== 'subscribe'
          ? (Reflect.get(target, property, target) as unknown)
          : async function* (after: Position, signal: AbortSignal) {
              for await (const item of target.subscribe(after, signal)) {
                yield item;
                passed += 1;
                if (passed % 2 === 0) throw new EventStoreUnavailable('broken');
              }
            },
    });
    const warn = vi.fn<(fields: object, message: string) => void>();
    const log = { info: warn, warn, error: warn };
    await using tail = createLogTail({ events: breaking, catalog, backOff, log });
    await writer.write(roomStream, started(), sent(1));
    const reading = read(tail, beforeLog, upTo(40));
    for (const seq of numbers(2, 20)) await writer.write(roomStream, sent(seq));
    await vi.waitFor(() => expect(tail.head()).toBeGreaterThan(0n));
    failing = true;
    await vi.waitFor(() => expect(tail.status()).toEqual({ state: 'retrying', error: 'EventStoreUnavailable' }));
    for (const seq of numbers(21, 40)) await writer.write(roomStream, sent(seq));
    failing = false;
    expect(await reading).toEqual(numbers(0, 40));
    expect(warn).toHaveBeenCalledWith({ error: 'EventStoreUnavailable' }, expect.any(String));
  });

  it('tells how far one is behind', async () => {
    const { events, writer } = memoryLog();
    await using _ = events;
    let now = 1_000;
    const start = await writer.write(`conversation-${id(1)}`, started());
    await using tail = createLogTail({ events, catalog, clock: () => now });
    await vi.waitFor(() => expect(tail.head()).toBe(start));
    const first = await writer.write(roomStream, started());
    await vi.waitFor(() => expect(tail.head()).toBe(first));
    now = 1_500;
    const second = await writer.write(roomStream, sent(1));
    await vi.waitFor(() => expect(tail.head()).toBe(second));
    now = 1_700;
    expect(tail.lag(start)).toEqual({ events: 2, ms: 700 });
    expect(tail.lag(first)).toEqual({ events: 1, ms: 200 });
    expect(tail.lag(second)).toEqual({ events: 0, ms: 0 });
    expect(tail.lag(beforeLog).events).toBeGreaterThan(2);
  });

  it('ends its followers when it is closed', async () => {
    const { events } = memoryLog();
    await using _ = events;
    const tail = createLogTail({ events, catalog });
    const reading = read(tail, beforeLog, () => false);
    await tail[Symbol.asyncDispose]();
    expect(await reading).toEqual([]);
  });
});
