import { describe, expect } from 'vitest';
import { EventStoreUnavailable, noStream, RevisionConflict, type EventStore } from '../../ports/event-store.ts';
import { newEvent, newEvents, newStream } from './events.ts';
import { collect, testOn, testReopening, type Open } from './opened.ts';

const idsOf = async (store: EventStore, stream: string): Promise<string[]> =>
  (await collect(store.readStream(stream))).map(({ id }) => id);

export const appendContract = (open: Open<EventStore>): void => {
  const on = testOn(open);

  describe('append', () => {
    on('gives the revision and the position of the last event', async (store) => {
      const stream = newStream();
      const first = await store.append(stream, newEvents(3), noStream);
      const second = await store.append(stream, newEvents(1), 2);
      const events = await collect(store.readStream(stream));
      expect(first).toEqual({ revision: 2, position: events[2]!.position });
      expect(second).toEqual({ revision: 3, position: events[3]!.position });
      expect(second.position > first.position).toBe(true);
    });

    on('keeps every field as it was, whatever the data', async (store) => {
      const stream = newStream();
      const data = [
        { text: 'a"\\\n\u0000\u{1f600}é\u2028', nested: { list: [1, 2.5, -3e-7, null, true, false, ''] }, empty: {} },
        'text',
        0,
        null,
        [],
      ].map((value) => newEvent(value));
      const before = Date.now();
      await store.append(stream, data, noStream);
      const events = await collect(store.readStream(stream));
      expect(events).toEqual(
        data.map((event, revision) => {
          const { position, recordedAt } = events[revision]!;
          return Object.assign({ stream, revision, position, recordedAt }, event);
        }),
      );
      for (const { position, recordedAt } of events) {
        expect(position).toBeTypeOf('bigint');
        expect(new Date(recordedAt).toISOString()).toBe(recordedAt);
        expect(Math.abs(Date.parse(recordedAt) - before)).toBeLessThan(60_000);
      }
    });

    on('keeps an event of one megabyte', async (store) => {
      const stream = newStream();
      const event = newEvent({ text: 'é'.repeat(500_000) });
      await store.append(stream, [event], noStream);
      const [recorded] = await collect(store.readStream(stream));
      expect(recorded).toMatchObject(event);
    });

    on('refuses any other expected revision and writes nothing', async (store) => {
      const stream = newStream();
      const first = newEvents(2);
      await expect(store.append(stream, newEvents(1), 0)).rejects.toBeInstanceOf(RevisionConflict);
      expect(await idsOf(store, stream)).toEqual([]);
      await store.append(stream, first, noStream);
      for (const expected of [noStream, 0, 2, 7]) {
        const conflict: unknown = await store.append(stream, newEvents(2), expected).catch((error: unknown) => error);
        expect(conflict).toBeInstanceOf(RevisionConflict);
        expect(conflict).toMatchObject({ name: 'RevisionConflict', stream, expected });
      }
      expect(await idsOf(store, stream)).toEqual(first.map(({ id }) => id));
    });

    on('takes what the caller gave at the moment of the call', async (store) => {
      const stream = newStream();
      const data = { text: 'before' };
      const events = [newEvent(data)];
      const appending = store.append(stream, events, noStream);
      data.text = 'after';
      events.push(newEvent());
      await appending;
      const recorded = await collect(store.readStream(stream));
      expect(recorded.map((event) => event.data)).toEqual([{ text: 'before' }]);
    });

    on('refuses to append nothing, or what is no JSON value', async (store) => {
      await expect(store.append(newStream(), [], noStream)).rejects.toBeInstanceOf(TypeError);
      const stream = newStream();
      await expect(store.append(stream, [newEvent(), newEvent(() => 1)], noStream)).rejects.toBeInstanceOf(TypeError);
      expect(await idsOf(store, stream)).toEqual([]);
    });

    on('repeats an outcome for the same ids at the same place, also after others were appended', async (store) => {
      const stream = newStream();
      const [opening, sent] = [newEvents(2), newEvents(3)];
      await store.append(stream, opening, noStream);
      const outcome = await store.append(stream, sent, 1);
      expect(await store.append(stream, sent, 1)).toEqual(outcome);
      await store.append(stream, newEvents(4), 4);
      expect(await store.append(stream, sent, 1)).toEqual(outcome);
      expect(await collect(store.readStream(stream))).toHaveLength(9);
    });

    on('treats a repeat that is only partly known as a conflict', async (store) => {
      const stream = newStream();
      const [a, b, c] = [newEvent(), newEvent(), newEvent()];
      await store.append(stream, [a, b], noStream);
      for (const events of [
        [a, b, c],
        [a, c],
        [c, b],
        [b, a],
      ]) {
        await expect(store.append(stream, events, noStream)).rejects.toBeInstanceOf(RevisionConflict);
      }
      await expect(store.append(stream, [b, c], noStream)).rejects.toBeInstanceOf(RevisionConflict);
      expect(await idsOf(store, stream)).toEqual([a.id, b.id]);
    });

    on('lets exactly one of fifty racing appends win', async (store) => {
      const stream = newStream();
      await store.append(stream, newEvents(1), noStream);
      const racers = Array.from({ length: 50 }, () => newEvents(2));
      const outcomes = await Promise.allSettled(racers.map((events) => store.append(stream, events, 0)));
      const winners = racers.filter((_, i) => outcomes[i]!.status === 'fulfilled');
      const losses = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(winners).toHaveLength(1);
      expect(losses.every(({ reason }) => reason instanceof RevisionConflict)).toBe(true);
      expect((await idsOf(store, stream)).slice(1)).toEqual(winners[0]!.map(({ id }) => id));
    });

    on('gives racing repeats of one append one outcome and one copy', async (store) => {
      const stream = newStream();
      const events = newEvents(2);
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => store.append(stream, events, noStream)));
      expect(new Set(outcomes.map(({ position }) => position)).size).toBe(1);
      expect(outcomes.every(({ revision }) => revision === 1)).toBe(true);
      expect(await idsOf(store, stream)).toEqual(events.map(({ id }) => id));
    });

    on('never lets a conflict fail the appends beside it', async (store) => {
      const streams = Array.from({ length: 40 }, () => newStream());
      const outcomes = await Promise.allSettled(
        streams.map((stream, i) => store.append(stream, newEvents(2), i % 2 === 0 ? noStream : 5)),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(
        streams.map((_, i) => (i % 2 === 0 ? 'fulfilled' : 'rejected')),
      );
      const lengths = await Promise.all(streams.map(async (stream) => (await idsOf(store, stream)).length));
      expect(lengths).toEqual(streams.map((_, i) => (i % 2 === 0 ? 2 : 0)));
    });

    on('orders the appends of one stream that are sent without waiting', async (store) => {
      const stream = newStream();
      const events = newEvents(300);
      const outcomes = await Promise.all(events.map((event, i) => store.append(stream, [event], i - 1)));
      expect(outcomes.map(({ revision }) => revision)).toEqual(events.map((_, i) => i));
      expect(await idsOf(store, stream)).toEqual(events.map(({ id }) => id));
    });

    on('is unavailable once closed', async (store) => {
      const stream = newStream();
      const waiting = store.append(stream, newEvents(1), noStream);
      await store[Symbol.asyncDispose]();
      await expect(waiting).resolves.toMatchObject({ revision: 0 });
      await expect(store.append(stream, newEvents(1), 0)).rejects.toBeInstanceOf(EventStoreUnavailable);
      await expect(collect(store.readStream(stream))).rejects.toBeInstanceOf(EventStoreUnavailable);
      await expect(store.head()).rejects.toBeInstanceOf(EventStoreUnavailable);
      await store[Symbol.asyncDispose]();
    });

    testReopening(open)(
      'keeps what was appended, and knows repeats of it, when opened again',
      async (store, reopen) => {
        const stream = newStream();
        const events = newEvents(3);
        const outcome = await store.append(stream, events, noStream);
        const before = await collect(store.readStream(stream));
        await store[Symbol.asyncDispose]();
        await using again = await reopen();
        expect(await collect(again.readStream(stream))).toEqual(before);
        expect(await again.append(stream, events, noStream)).toEqual(outcome);
        const next = await again.append(stream, newEvents(1), 2);
        expect(next.revision).toBe(3);
        expect(next.position > outcome.position).toBe(true);
      },
    );

    testReopening(open)('lets one writer win when two stores race for one revision', async (store, reopen) => {
      await using other = await reopen();
      const stream = newStream();
      for (let revision = noStream; revision < 20; revision += 1) {
        const outcomes = await Promise.allSettled(
          [store, other].map((writer) => writer.append(stream, newEvents(1), revision)),
        );
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      }
      expect(await collect(other.readStream(stream))).toHaveLength(21);
    });
  });
};
