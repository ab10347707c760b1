import * as fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import { beforeLog, noStream, type EventStore, type RecordedEvent } from '../../ports/event-store.ts';
import { newEvents, newStream } from './events.ts';
import { Follower } from './follower.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const idsOf = (events: readonly RecordedEvent[]): string[] => events.map(({ id }) => id);

export const subscribeContract = (open: Open<EventStore>): void => {
  const on = testOn(open);

  describe('subscribe', () => {
    on('marks an empty log as caught up, before everything', async (store) => {
      await using follower = new Follower(store, beforeLog);
      await follower.caughtUpAfter(0);
      expect(follower.items).toEqual([{ kind: 'caught-up', position: beforeLog }]);
    });

    on('yields what is there in bounded batches, then marks that it has caught up', async (store) => {
      const stream = newStream();
      for (let start = 0; start < 2_400; start += 400) await store.append(stream, newEvents(400), start - 1);
      await using follower = new Follower(store, beforeLog);
      await follower.caughtUpAfter(2_400);
      expect(follower.events).toEqual(await store.readLog(beforeLog, 10_000));
      expect(follower.marks).toEqual([await store.head()]);
      for (const item of follower.items) expect(item.kind === 'events' ? item.events.length : 1).toBeLessThan(1_001);
      for (const item of follower.items) expect(item.kind === 'events' ? item.events.length : 1).toBeGreaterThan(0);
    });

    on('goes on live, with a mark after all that is known', async (store) => {
      const stream = newStream();
      await store.append(stream, newEvents(2), noStream);
      await using follower = new Follower(store, beforeLog);
      await follower.caughtUpAfter(2);
      const { position } = await store.append(stream, newEvents(3), 1);
      await follower.caughtUpAfter(5);
      expect(follower.events).toEqual(await store.readLog(beforeLog, 100));
      expect(follower.marks.at(-1)).toBe(position);
    });

    on('starts after any position', async (store) => {
      await store.append(newStream(), newEvents(20), noStream);
      const all = await store.readLog(beforeLog, 100);
      for (const at of [0, 7, 19]) {
        await using follower = new Follower(store, all[at]!.position);
        await follower.caughtUpAfter(19 - at);
        expect(follower.events).toEqual(all.slice(at + 1));
        expect(follower.marks).toEqual([all.at(-1)!.position]);
      }
    });

    on('ends without an error when aborted: while waiting, while replaying, and beforehand', async (store) => {
      await store.append(newStream(), newEvents(5), noStream);
      const waiting = new Follower(store, beforeLog);
      await waiting.caughtUpAfter(5);
      waiting.abort();
      await waiting.ended;
      const replaying = new Follower(store, beforeLog);
      replaying.abort();
      await replaying.ended;
      const late: unknown[] = [];
      for await (const item of store.subscribe(beforeLog, AbortSignal.abort())) late.push(item);
      expect(late).toEqual([]);
      await store.append(newStream(), newEvents(1), noStream);
      expect(waiting.events).toHaveLength(5);
    });

    on('can be left by its reader', async (store) => {
      await store.append(newStream(), newEvents(5), noStream);
      for await (const item of store.subscribe(beforeLog, new AbortController().signal)) {
        expect(item.kind).toBe('events');
        break;
      }
      expect((await store.append(newStream(), newEvents(1), noStream)).revision).toBe(0);
    });

    on('gives a slow reader everything, whatever was written meanwhile', async (store) => {
      const stream = newStream();
      await store.append(stream, newEvents(1), noStream);
      const abort = new AbortController();
      const seen: string[] = [];
      let written = 0;
      for await (const item of store.subscribe(beforeLog, abort.signal)) {
        if (item.kind === 'events') seen.push(...idsOf(item.events));
        if (written < 1_000) {
          await store.append(stream, newEvents(50), written);
          written += 50;
        } else if (item.kind === 'caught-up' && seen.length === 1_001) abort.abort();
      }
      expect(seen).toEqual(idsOf(await store.readLog(beforeLog, 2_000)));
    });

    on('shows every event once and in order, however writes and new subscriptions interleave', async (store) => {
      const streams = [newStream(), newStream(), newStream()];
      const lengths = streams.map(() => 0);
      const step = fc.record({ stream: fc.nat(2), events: fc.integer({ min: 1, max: 40 }), wait: fc.boolean() });
      const followers = fc.array(fc.record({ at: fc.nat(20), from: fc.nat(50) }), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), followers, async (steps, joiners) => {
          const start = await store.readLog(beforeLog, 10_000);
          const running: { readonly follower: Follower; readonly from: number }[] = [];
          const join = (at: number): void => {
            for (const joiner of joiners.filter((other) => Math.min(other.at, steps.length) === at)) {
              const from = Math.min(joiner.from, start.length);
              const after = from === 0 ? beforeLog : start[from - 1]!.position;
              running.push({ follower: new Follower(store, after), from });
            }
          };
          const writing: Promise<unknown>[] = [];
          for (const [i, { stream, events, wait }] of steps.entries()) {
            join(i);
            const appended = store.append(streams[stream]!, newEvents(events), lengths[stream]! - 1);
            lengths[stream]! += events;
            writing.push(appended);
            if (wait) await appended;
          }
          join(steps.length);
          await Promise.all(writing);
          const all = await store.readLog(beforeLog, 100_000);
          for (const { follower, from } of running) {
            await follower.caughtUpAfter(all.length - from);
            expect(idsOf(follower.events)).toEqual(idsOf(all.slice(from)));
            expect(follower.marks.at(-1)).toBe(await store.head());
            await follower[Symbol.asyncDispose]();
          }
        }),
        { numRuns: 15 },
      );
    });

    testReopening(open)('sees what another store on the same data writes', async (store, reopen) => {
      await using other = await reopen();
      await using follower = new Follower(store, beforeLog);
      await follower.caughtUpAfter(0);
      const events = newEvents(3);
      await other.append(newStream(), events, noStream);
      await vi.waitFor(() => expect(follower.events).toHaveLength(3), { timeout: 5_000 });
      expect(idsOf(follower.events)).toEqual(events.map(({ id }) => id));
    });
  });
};
