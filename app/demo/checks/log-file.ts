import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import type { EventStore } from '../../../ports/event-store.ts';
import { wholeLog } from '../../whole-log.ts';
import type { RawEvent } from './log-fold.ts';

/** Every event of a log, oldest first, as it was recorded. */
export const readLogOf = async (events: EventStore): Promise<readonly RawEvent[]> => {
  const all: RawEvent[] = [];
  for await (const { stream, revision, type, data } of wholeLog(events)) {
    all.push({ stream, revision, type, data: data as RawEvent['data'] });
  }
  return all;
};

/** Every event of a log file. A server may be running on the same file. */
export const readWholeLog = async (file: string): Promise<readonly RawEvent[]> => {
  await using events = new SqliteEventStore(file);
  return await readLogOf(events);
};
