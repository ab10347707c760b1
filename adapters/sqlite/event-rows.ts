import type { EventMetadata, NewEvent, RecordedEvent } from '../../ports/event-store.ts';

export const eventMigrations: readonly string[] = [
  `create table events (
    position integer primary key,
    stream text not null,
    revision integer not null,
    id text not null,
    type text not null,
    data text not null,
    metadata text not null,
    recorded_at text not null,
    unique (stream, revision)
  ) strict`,
];

export interface EventRow {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly recorded_at: string;
}

/** An event as text, ready to be written. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** Throws TypeError when the data is no JSON value. */
export const encodeEvent = ({ id, type, data, metadata }: NewEvent): EncodedEvent => {
  const text: string | undefined = JSON.stringify(data);
  if (text === undefined) throw new TypeError(`The data of a ${type} event is no JSON value`);
  return { id, type, data: text, metadata: JSON.stringify(metadata) };
};

export const decodeEvent = (row: EventRow): RecordedEvent => ({
  id: row.id,
  type: row.type,
  data: JSON.parse(row.data) as unknown,
  metadata: JSON.parse(row.metadata) as EventMetadata,
  stream: row.stream,
  revision: Number(row.revision),
  position: row.position,
  recordedAt: row.recorded_at,
});

export const sizeOf = ({ data, metadata }: Pick<EventRow, 'data' | 'metadata'>): number =>
  data.length + metadata.length;

export interface Page {
  readonly rows: readonly EventRow[];
  /** Whether the rows ended by themselves. */
  readonly complete: boolean;
}

/** Rows until they hold more text than `maxSize`; at least one if there is one. */
export const takeRows = (rows: Iterable<unknown>, maxSize: number): Page => {
  const taken: EventRow[] = [];
  let size = 0;
  for (const row of rows as Iterable<EventRow>) {
    taken.push(row);
    size += sizeOf(row);
    if (size > maxSize) return { rows: taken, complete: false };
  }
  return { rows: taken, complete: true };
};
