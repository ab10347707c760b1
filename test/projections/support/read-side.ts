import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import { catalog } from '../../../domain/catalog.ts';
import type { Position } from '../../../ports/event-store.ts';
import { createLogTail, type LogTail } from '../../../projections/log-tail.ts';
import { startProjections, type ProjectionsOptions, type RunningProjections } from '../../../projections/start.ts';
import { readModelNames } from '../../../projections/registry.ts';
import { memoryLog, type LogWriter } from './log.ts';
import type { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';

export interface ReadSide extends RunningProjections {
  readonly events: SqliteEventStore;
  readonly writer: LogWriter;
  readonly documents: SqliteDocumentStore;
  readonly search: SqliteSearchStore;
  readonly tail: LogTail;
  /** Until every read model has passed the position. */
  until(position: Position): Promise<void>;
}

/** All projections on stores in memory. */
export const openReadSide = async (options: Partial<ProjectionsOptions> = {}): Promise<ReadSide> => {
  const stack = new AsyncDisposableStack();
  const { events, writer } = memoryLog();
  stack.use(events);
  const documents = stack.use(new SqliteDocumentStore(':memory:'));
  const search = stack.use(new SqliteSearchStore(':memory:'));
  const tail = stack.use(createLogTail({ events, catalog }));
  const running = stack.use(await startProjections({ events, documents, search, tail, keepMs: 0, ...options }));
  return {
    ...running,
    events,
    writer,
    documents,
    search,
    tail,
    until: (position) => running.readModels.waitFor(readModelNames, position),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
