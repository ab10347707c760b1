/** Zero-based place in a stream; `noStream` stands before the first event. Every adapter converts to this. */
export type Revision = number;
export const noStream: Revision = -1;

/** Place in the whole log. Ordered, not contiguous: adapters may leave gaps, so never do arithmetic on it. */
export type Position = bigint;
/** Stands before the first event of every log. */
export const beforeLog: Position = -1n;

/** Who asked for it and by which command. Nothing personal: ids only. */
export interface EventMetadata {
  readonly commandId: string;
  readonly actorId: string;
  readonly schemaVersion: number;
}

export interface NewEvent {
  /** A UUID. Unique in its stream; the same command always makes the same ids. */
  readonly id: string;
  readonly type: string;
  /** A JSON value. */
  readonly data: unknown;
  readonly metadata: EventMetadata;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  /** When the store took it; RFC 3339, UTC, milliseconds. */
  readonly recordedAt: string;
}

export interface Appended {
  /** Of the last event appended. */
  readonly revision: Revision;
  readonly position: Position;
}

/** Someone else appended first: the stream is not at the expected revision. Nothing was written. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
  readonly stream: string;
  readonly expected: Revision;
  constructor(stream: string, expected: Revision) {
    super(`${stream} is not at revision ${expected}`);
    this.stream = stream;
    this.expected = expected;
  }
}

/** The store cannot be reached or failed. The outcome of a write is unknown; repeating it with the same ids is safe. */
export class EventStoreUnavailable extends Error {
  override readonly name = 'EventStoreUnavailable';
}

/** What a subscription yields: events in order of position, and marks that everything up to a position was seen. */
export type LogItem =
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[] }
  | { readonly kind: 'caught-up'; readonly position: Position };

export interface EventStore extends AsyncDisposable {
  /**
   * Appends all or nothing at an exact expected revision; resolves once durable. Repeating the same ids at the same
   * `expected` succeeds again with the first outcome, without a second copy. Throws `RevisionConflict`.
   */
  append(stream: string, events: readonly NewEvent[], expected: Revision): Promise<Appended>;
  /** Events after `after`, oldest first. Yields nothing for a stream that does not exist. */
  readStream(stream: string, options?: { readonly after?: Revision }): AsyncIterable<RecordedEvent>;
  /** Events before `before` (default: from the newest), newest first. */
  readStreamBackwards(stream: string, options?: { readonly before?: Revision }): AsyncIterable<RecordedEvent>;
  /** At most `limit` events of the whole log after `after`, oldest first. */
  readLog(after: Position, limit: number): Promise<readonly RecordedEvent[]>;
  /** Position of the newest event; `beforeLog` when the log is empty. */
  head(): Promise<Position>;
  /**
   * Every event after `after`, oldest first, then live, in batches; never a gap, never a repeat. A `caught-up` mark
   * comes whenever everything known was yielded. Ends without an error when the signal aborts.
   */
  subscribe(after: Position, signal: AbortSignal): AsyncIterable<LogItem>;
}
