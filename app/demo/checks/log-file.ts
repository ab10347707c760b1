import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { beforeLog, type EventStore } from '../../../ports/event-store.ts';
import type { RawEvent } from './log-fold.ts';

/** Every event of a log, oldest first, as it was recorded. */
export const readLogOf = async (events: EventStore): Promise<readonly RawEvent[]> => {
  const all: RawEvent[] = [];
  let after = beforeLog;
  for (;;) {
    const page = await events.readLog(after, 2_000);
    for (const { stream, revision, type, data } of page) {
      all.push({ stream, revision, type, data: data as RawEvent['data'] });
    }
    const last = page.at(-1);
    if (last === undefined) return all;
    after = last.position;
  }
};

/** Every event of a log file. A server may be running on the same file. */
export const readWholeLog = async (file: string): Promise<readonly RawEvent[]> => {
  await using events = new SqliteEventStore(file);
  return await readLogOf(events);
};
