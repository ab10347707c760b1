import { describe, expect } from 'vitest';
import { beforeLog, noStream, type EventStore, type NewEvent, type RecordedEvent } from '../../ports/event-store.ts';
import { newEvent, newEvents, newStream } from './events.ts';
import { Follower } from './follower.ts';
import { collect, testOn, type Open } from './opened.ts';

const revisions = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

export const readContract = (open: Open<EventStore>): void => {
  const on = testOn(open);

  describe('reading a stream', () => {
    on('yields nothing for a stream that does not exist', async (store) => {
      await store.append('conversation-1', newEvents(1), noStream);
      for (const stream of ['conversation-2', 'conversation-', 'conversation-11', 'Conversation-1']) {
        expect(await collect(store.readStream(stream))).toEqual([]);
        expect(await collect(store.readStreamBackwards(stream))).toEqual([]);
      }
    });

    on('reads a long stream whole, in either direction, with other streams between', async (store) => {
      const [stream, other] = [newStream(), newStream()];
      const events = newEvents(1_700);
      for (let start = 0; start < events.length; start += 100) {
        await store.append(stream, events.slice(start, start + 100), start - 1);
        await store.append(other, newEvents(50), start / 2 - 1);
      }
      const read = await collect(store.readStream(stream));
      expect(read.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      expect(revisions(read)).toEqual(range(0, 1_700));
      expect(read.every((event) => event.stream === stream)).toBe(true);
      expect(read.every(({ position }, i) => i === 0 || position > read[i - 1]!.position)).toBe(true);
      expect(await collect(store.readStreamBackwards(stream))).toEqual(read.toReversed());
    });

    on('reads a stream of large events whole', async (store) => {
      const stream = newStream();
      const large = (): NewEvent => newEvent({ text: 'x'.repeat(1_000_000) });
      const events = Array.from({ length: 12 }, large);
      for (const [i, event] of events.entries()) await store.append(stream, [event], i - 1);
      const read = await collect(store.readStream(stream));
      expect(read.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      expect(revisions(await collect(store.readStreamBackwards(stream)))).toEqual(range(0, 12).toReversed());
      const followed = new Follower(store, beforeLog);
      await followed.caughtUpAfter(12);
      expect(followed.events).toEqual(read);
      await followed[Symbol.asyncDispose]();
    });

    on('starts after, or before, any revision', async (store) => {
      const stream = newStream();
      await store.append(stream, newEvents(10), noStream);
      for (const edge of [noStream, 0, 4, 9, 10, 100]) {
        const after = await collect(store.readStream(stream, { after: edge }));
        expect(revisions(after)).toEqual(range(Math.min(edge + 1, 10), 10));
        const before = await collect(store.readStreamBackwards(stream, { before: edge }));
        expect(revisions(before)).toEqual(range(0, Math.min(Math.max(edge, 0), 10)).toReversed());
      }
    });

    on('can be left before its end', async (store) => {
      const stream = newStream();
      await store.append(stream, newEvents(10), noStream);
      const first: number[] = [];
      for await (const { revision } of store.readStreamBackwards(stream)) {
        first.push(revision);
        if (first.length === 3) break;
      }
      expect(first).toEqual([9, 8, 7]);
      expect((await store.append(stream, newEvents(1), 9)).revision).toBe(10);
    });
  });

  describe('reading the log', () => {
    on('is empty at first', async (store) => {
      expect(await store.head()).toBe(beforeLog);
      expect(await store.readLog(beforeLog, 10)).toEqual([]);
    });

    on('gives the events of all streams in order of position, in pages', async (store) => {
      const streams = range(0, 5).map(() => newStream());
      for (const revision of range(-1, 6)) {
        await Promise.all(streams.map((stream) => store.append(stream, newEvents(1), revision)));
      }
      const all = await store.readLog(beforeLog, 1_000);
      expect(all).toHaveLength(35);
      expect(all.every(({ position }, i) => i === 0 || position > all[i - 1]!.position)).toBe(true);
      expect(await store.head()).toBe(all.at(-1)!.position);
      for (const stream of streams) {
        expect(all.filter((event) => event.stream === stream)).toEqual(await collect(store.readStream(stream)));
      }
      const pages: RecordedEvent[] = [];
      for (let page = await store.readLog(beforeLog, 4); page.length > 0;) {
        expect(page.length).toBeLessThanOrEqual(4);
        pages.push(...page);
        page = await store.readLog(page.at(-1)!.position, 4);
      }
      expect(pages).toEqual(all);
      expect(await store.readLog(all.at(-1)!.position, 4)).toEqual([]);
    });
  });
};
