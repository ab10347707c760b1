import { catalog, UndecodableEvent } from '../../domain/catalog.ts';
import { EventStoreUnavailable, type EventStore, type Position } from '../../ports/event-store.ts';
import { wholeLog } from '../whole-log.ts';

export interface LogSize {
  readonly events: number;
  readonly streams: number;
  readonly undecodable: string | undefined;
  /** Counts the events after a position. */
  readonly after: (position: Position) => number;
}

const readLog = async (events: EventStore): Promise<LogSize> => {
  const positions: Position[] = [];
  const streams = new Set<string>();
  let undecodable: string | undefined;
  for await (const event of wholeLog(events)) {
    positions.push(event.position);
    streams.add(event.stream);
    try {
      catalog.decode(event);
    } catch (error) {
      if (!(error instanceof UndecodableEvent)) throw error;
      undecodable ??= `position ${event.position}: ${error.message}`;
    }
  }
  const countAfter = (position: Position): number => {
    const next = positions.findIndex((each) => each > position);
    return next === -1 ? 0 : positions.length - next;
  };
  return { events: positions.length, streams: streams.size, undecodable, after: countAfter };
};

/** Reads the whole log. Undefined when the store cannot be reached. */
export const readLogSize = async (events: EventStore): Promise<LogSize | undefined> => {
  try {
    return await readLog(events);
  } catch (error) {
    if (error instanceof EventStoreUnavailable) return undefined;
    throw error;
  }
};
