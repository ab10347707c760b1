import type { RecordedEvent } from './event-store.ts';

/** The positions that a log has given are not in the order in which the events were to stand. Start over with an empty one. */
export class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder';
}

/** A log that takes over another one. */
export interface LogCopy extends AsyncDisposable {
  /**
   * Adds events of another log in this order, each at its own stream and revision, with its id, metadata and
   * `recordedAt`; resolves once all are durable. Whenever it is broken off, what stands in the log is the first part of
   * what was given. Repeating is safe. Throws `RevisionConflict`, `EventStoreUnavailable`, `OutOfOrder`.
   */
  restore(events: readonly RecordedEvent[]): Promise<void>;
}
