import * as fc from 'fast-check';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { catalog } from '../../domain/catalog.ts';
import { parseStream } from '../../domain/ids.ts';
import type { EventStore, Position, RecordedEvent } from '../../ports/event-store.ts';
import { silent } from '../../projections/log.ts';
import { encodeMark, type Entry } from '../../relay/messages.ts';
import { Relay } from '../../relay/relay.ts';
import { RelayedTail } from '../../relay/relayed-tail.ts';
import { relayShards } from '../../relay/settings.ts';
import { audienceOf, channels } from '../../relay/topics.ts';
import { id, sent, started } from '../projections/support/facts.ts';
import { memoryLog } from '../projections/support/log.ts';
import { Listener, LossyPubSub, owning, owningAll } from './support.ts';

const idleMs = 10;
const streamOf = (room: string): string => `conversation-${room}`;
const rooms = Array.from({ length: 6 }, (_, index) => id(100 + index));

/** Counts what is read of the log itself. */
const counted = (events: EventStore, beforeStream: () => Promise<unknown>) => {
  const reads = { log: 0, streams: 0, subscriptions: 0 };
  const store: EventStore = {
    append: (...given) => events.append(...given),
    async *readStream(...given) {
      reads.streams += 1;
      await beforeStream();
      yield* events.readStream(...given);
    },
    readStreamBackwards: (...given) => events.readStreamBackwards(...given),
    readLog(...given) {
      reads.log += 1;
      return events.readLog(...given);
    },
    head: () => events.head(),
    async *subscribe(after, signal) {
      reads.subscriptions += 1;
      try {
        yield* events.subscribe(after, signal);
      } finally {
        reads.subscriptions -= 1;
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { reads, store };
};

const open = (beforeStream: () => Promise<unknown> = async () => undefined, patienceMs = 60) => {
  const stack = new AsyncDisposableStack();
  const { events, writer } = memoryLog();
  stack.use(events);
  const pubSub = stack.use(new LossyPubSub());
  const { reads, store } = counted(events, beforeStream);
  const tail = stack.use(new RelayedTail({ events: store, catalog, pubSub, patienceMs }));
  const relay = (ownership: { owns: (name: string, shard: number) => boolean } = owningAll): Relay =>
    stack.use(new Relay({ events, pubSub, ownership, log: silent, idleMs }));
  const listener = async (): Promise<Listener> => stack.use(new Listener(tail, await events.head()));
  return { events, writer, pubSub, reads, tail, relay, listener, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const seqsOf = ({ heard }: Listener): readonly number[] =>
  heard.flatMap(({ event }) => (event.type === 'MessageSent' ? [event.data.seq] : []));

describe('the log as relays publish it', () => {
  it('is read here while there is no relay', async () => {
    await using log = open();
    const listener = await log.listener();
    listener.listen(rooms[0]!);
    await log.writer.write(streamOf(rooms[0]!), started(), sent(1));
    await vi.waitFor(() => expect(seqsOf(listener)).toEqual([1]));
    expect(log.tail.relayed().isRelayed).toBe(false);
    expect(log.tail.head()).toBe(await log.events.head());
  });

  it('is not read here once relays are heard: published events come from them, each in its turn', async () => {
    await using log = open();
    await log.writer.write(streamOf(rooms[0]!), started());
    await log.writer.write(streamOf(rooms[1]!), started());
    const listener = await log.listener();
    listener.listen(rooms[0]!);
    log.relay();
    await vi.waitFor(() => expect(log.tail.relayed().isRelayed).toBe(true));
    await vi.waitFor(() => expect(log.reads.subscriptions).toBe(0));
    const before = log.reads.log;
    for (let seq = 1; seq <= 50; seq += 1) {
      await log.writer.write(streamOf(rooms[0]!), sent(seq));
      await log.writer.write(streamOf(rooms[1]!), sent(seq));
    }
    await vi.waitFor(() => expect(seqsOf(listener)).toHaveLength(50));
    expect(listener.heard.every(({ stream }) => stream === streamOf(rooms[0]!))).toBe(true);
    expect(log.reads.log).toBe(before);
    await expect.poll(() => log.tail.head()).toBe(await log.events.head());
    // The channel is subscribed to with the first event; what was on its way then is read from the stream.
    expect(log.tail.relayed()).toMatchObject({ isRelayed: true, conversations: 1, gaps: 0 });
    expect(
      log.pubSub.published.filter((channel) => channel === channels.conversation(streamOf(rooms[1]!))),
    ).not.toEqual([]);
  });

  it("is divided among relays, and read here while one of their shards is nobody's", async () => {
    await using log = open();
    const listener = await log.listener();
    const shards = Array.from({ length: relayShards }, (_, index) => index);
    log.relay(owning(...shards.slice(0, 3)));
    for (const room of rooms) listener.listen(room);
    for (const room of rooms) await log.writer.write(streamOf(room), started(), sent(1));
    await vi.waitFor(() => expect(seqsOf(listener)).toHaveLength(rooms.length));
    expect(log.tail.relayed().isRelayed).toBe(false);
    log.relay(owning(...shards.slice(2)));
    await vi.waitFor(() => expect(log.tail.relayed().isRelayed).toBe(true));
    for (const room of rooms) await log.writer.write(streamOf(room), sent(2));
    await vi.waitFor(() => expect(seqsOf(listener)).toHaveLength(2 * rooms.length));
    expect(listener.heard.map(({ position }) => position)).toEqual(
      listener.heard.map(({ position }) => position).toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  it('is read here again when the relay ends, from where it was, and taken from the next one', async () => {
    await using log = open();
    const listener = await log.listener();
    listener.listen(rooms[0]!);
    await log.writer.write(streamOf(rooms[0]!), started(), sent(1));
    const first = log.relay();
    await vi.waitFor(() => expect(log.tail.relayed().isRelayed).toBe(true));
    await log.writer.write(streamOf(rooms[0]!), sent(2));
    await first[Symbol.asyncDispose]();
    await log.writer.write(streamOf(rooms[0]!), sent(3));
    await vi.waitFor(() => expect(seqsOf(listener)).toEqual([1, 2, 3]));
    expect(log.tail.relayed().isRelayed).toBe(false);
    log.relay();
    await vi.waitFor(() => expect(log.tail.relayed().isRelayed).toBe(true));
    await log.writer.write(streamOf(rooms[0]!), sent(4));
    await vi.waitFor(() => expect(seqsOf(listener)).toEqual([1, 2, 3, 4]));
  });

  it('starts over for whoever begins to listen while a batch without it is on its way', async () => {
    const gate = Promise.withResolvers<void>();
    await using log = open(() => gate.promise, 5_000);
    await log.writer.write(streamOf(rooms[0]!), started());
    await log.writer.write(streamOf(rooms[1]!), started());
    const listener = await log.listener();
    listener.listen(rooms[0]!);
    const shards = Array.from({ length: relayShards }, (_, index) => index);
    const previous = await log.events.head();
    const say = (position: Position, entries: readonly Entry[]): Promise<void> =>
      log.pubSub.publish(channels.marks, encodeMark({ shards, previous, position, entries }));
    await say(previous, []);
    await vi.waitFor(() => expect(log.tail.relayed().isRelayed).toBe(true));
    const entryOf = async (room: string, seq: number): Promise<Entry> => {
      const position = await log.writer.write(streamOf(room), sent(seq));
      return { stream: streamOf(room), revision: 1, position, audience: 'listeners' };
    };
    const entries = [await entryOf(rooms[0]!, 1), await entryOf(rooms[1]!, 2)];
    await say(entries[1]!.position, entries);
    await vi.waitFor(() => expect(log.reads.streams).toBe(1));
    listener.listen(rooms[1]!);
    gate.resolve();
    await vi.waitFor(() => expect(seqsOf(listener)).toEqual([1, 2]));
  });

  it('gives everything to whoever wants everything', async () => {
    await using log = open();
    log.relay();
    await vi.waitFor(async () => expect(log.tail.head()).toBe(await log.events.head()));
    const stop = new AbortController();
    const seqs: number[] = [];
    const following = (async () => {
      for await (const batch of log.tail.follow(-1n, stop.signal)) {
        if (batch.kind !== 'events') continue;
        for (const { event } of batch.events) if (event.type === 'MessageSent') seqs.push(event.data.seq);
      }
    })();
    for (const room of rooms) await log.writer.write(streamOf(room), started(), sent(1));
    await vi.waitFor(() => expect(seqs).toHaveLength(rooms.length));
    stop.abort();
    await following;
  });

  type Step =
    | { readonly kind: 'write'; readonly room: number; readonly events: number }
    | { readonly kind: 'listen' | 'leave'; readonly room: number }
    | { readonly kind: 'wait'; readonly ms: number }
    | { readonly kind: 'relay' | 'end-relay' | 'away' | 'back' };
  const room = fc.nat(rooms.length - 1);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('write'), room, events: fc.integer({ min: 1, max: 4 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom<'listen' | 'leave'>('listen', 'listen', 'leave'), room }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('relay', 'end-relay', 'away', 'back') }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 0, max: 12 }) }) },
  );

  it('brings a listener each event once and in order, whatever gets lost and whoever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        async (steps, dice, lost) => {
          await using log = open(() => sleep(dice.next().value! * 4));
          const listener = await log.listener();
          listener.joining.add(rooms[0]!).add(rooms[1]!);
          /** What ought to be heard: of each time that a conversation was listened to, from where to where. */
          const spans: { readonly room: string; readonly from: bigint; to: bigint | undefined }[] = [];
          const seqs = new Map<number, number>();
          let relays: Relay[] = [log.relay()];
          await vi.waitFor(() => expect(log.tail.relayed().isRelayed).toBe(true), { interval: 2 });
          log.pubSub.loses = () => dice.next().value! < lost;
          for (const one of steps) {
            if (one.kind === 'write') {
              const stream = streamOf(rooms[one.room]!);
              const first = seqs.get(one.room);
              const next = first ?? 1;
              const events = Array.from({ length: one.events }, (_, index) => sent(next + index));
              const position = await log.writer.write(stream, ...(first === undefined ? [started()] : []), ...events);
              if (first === undefined && listener.joining.has(rooms[one.room]!)) {
                spans.push({ room: rooms[one.room]!, from: position - BigInt(one.events), to: undefined });
              }
              seqs.set(one.room, next + one.events);
            } else if (one.kind === 'listen' && !listener.listening.has(rooms[one.room]!)) {
              listener.listen(rooms[one.room]!);
              spans.push({ room: rooms[one.room]!, from: listener.position, to: undefined });
            } else if (one.kind === 'leave') {
              listener.leave(rooms[one.room]!);
              for (const span of spans) if (span.room === rooms[one.room]) span.to ??= listener.position;
            } else if (one.kind === 'relay') relays.push(log.relay());
            else if (one.kind === 'end-relay') {
              const [gone, ...rest] = relays;
              relays = rest;
              await gone?.[Symbol.asyncDispose]();
            } else if (one.kind === 'away' || one.kind === 'back') log.pubSub.isAway = one.kind === 'away';
            else if (one.kind === 'wait') await sleep(one.ms);
            await nextTurn();
          }
          const head = await log.events.head();
          await vi.waitFor(() => expect(listener.position).toBeGreaterThanOrEqual(head), {
            timeout: 5_000,
            interval: 2,
          });
          expect(listener.error).toBeUndefined();
          const positions = listener.heard.map(({ position }) => position);
          expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => (a < b ? -1 : 1)));
          const heard = new Set(positions);
          const isOwed = ({ stream, position }: RecordedEvent): boolean =>
            spans.some(
              ({ room: listened, from, to = head }) =>
                parseStream(stream).id === listened && position > from && position <= to,
            );
          const recorded = await log.events.readLog(-1n, 10_000);
          const missing = recorded.filter(
            (event) => (isOwed(event) || audienceOf(event) === 'all') && !heard.has(event.position),
          );
          expect(missing.map(({ stream, revision }) => `${stream} ${revision}`)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
