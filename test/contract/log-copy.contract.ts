import { describe, expect } from 'vitest';
import { beforeLog, RevisionConflict, type EventStore, type RecordedEvent } from '../../ports/event-store.ts';
import type { LogCopy } from '../../ports/log-copy.ts';
import { newEvent, newStream } from './events.ts';
import { testOn, type Open } from './opened.ts';

/** A place for a copy, and the store that reads what is there. */
export interface CopyPlace extends AsyncDisposable {
  readonly copy: LogCopy;
  readonly events: EventStore;
}

/** Events of some streams mixed, as another log has them: with times and positions of its own, and gaps. */
export const foreignLog = (count: number, streams = 7): readonly RecordedEvent[] => {
  const names = Array.from({ length: streams }, () => newStream());
  const revisions = new Map<string, number>();
  return Array.from({ length: count }, (_, i) => {
    const stream = names[(i * i + (i >> 3)) % streams]!;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const recordedAt = new Date(Date.UTC(2020, 0, 1) + i * 1_000).toISOString();
    return { ...newEvent({ number: i }), stream, revision, position: BigInt(i * 3 + 1), recordedAt };
  });
};

const withoutPosition = (event: RecordedEvent): object => ({ ...event, position: undefined });

/** What every copy of a log does. `open` gives an empty place each time. */
export const logCopyContract = (adapterName: string, open: Open<CopyPlace>): void => {
  const on = testOn(open);
  const read = (place: CopyPlace) => place.events.readLog(beforeLog, 100_000);

  describe(`copy of a log: ${adapterName}`, () => {
    on('has the events of another log as they were, in the same order', async (place) => {
      const log = foreignLog(2_000);
      await place.copy.restore(log.slice(0, 700));
      await place.copy.restore(log.slice(700));
      const copied = await read(place);
      expect(copied.map(withoutPosition)).toEqual(log.map(withoutPosition));
      expect(copied.every(({ position }, i) => i === 0 || position > copied[i - 1]!.position)).toBe(true);
    });

    on('takes what is there already as done', async (place) => {
      const log = foreignLog(300);
      await place.copy.restore(log.slice(0, 200));
      await place.copy.restore(log.slice(0, 200));
      await place.copy.restore(log);
      await place.copy.restore([]);
      expect((await read(place)).map(withoutPosition)).toEqual(log.map(withoutPosition));
    });

    on('can be written to like any other log afterwards', async (place) => {
      const log = foreignLog(50);
      await place.copy.restore(log);
      const { stream, revision } = log.at(-1)!;
      const appended = await place.events.append(stream, [newEvent()], revision);
      expect(appended.revision).toBe(revision + 1);
      expect(await place.events.head()).toBe(appended.position);
      expect(await read(place)).toHaveLength(51);
    });

    on('refuses what does not follow what is there', async (place) => {
      const log = foreignLog(20, 1);
      await place.copy.restore(log.slice(0, 10));
      await expect(place.copy.restore(log.slice(11))).rejects.toBeInstanceOf(RevisionConflict);
      const other = { ...log[9]!, id: crypto.randomUUID() };
      await expect(place.copy.restore([other])).rejects.toBeInstanceOf(RevisionConflict);
      expect(await read(place)).toHaveLength(10);
    });
  });
};
