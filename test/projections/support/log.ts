import { v7 } from 'uuid';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { catalog, type DomainEvent } from '../../../domain/catalog.ts';
import { noStream, type EventStore, type Position } from '../../../ports/event-store.ts';
import type { LoggedEvent } from '../../../projections/projection.ts';

/** Writes events to a log as the write side would. */
export class LogWriter {
  readonly #events: EventStore;
  readonly #revisions = new Map<string, number>();

  constructor(events: EventStore) {
    this.#events = events;
  }

  async write(stream: string, ...events: readonly DomainEvent[]): Promise<Position> {
    const expected = this.#revisions.get(stream) ?? noStream;
    const { position } = await this.#events.append(
      stream,
      events.map(({ type, data }) => ({
        id: v7(),
        type,
        data,
        metadata: { commandId: v7(), actorId: 'system', schemaVersion: catalog.currentVersion(type) },
      })),
      expected,
    );
    this.#revisions.set(stream, expected + events.length);
    return position;
  }

  async writeAll(log: readonly StreamEvent[]): Promise<Position> {
    let position = -1n;
    for (const { stream, event } of log) position = await this.write(stream, event);
    return position;
  }
}

export interface StreamEvent {
  readonly stream: string;
  readonly event: DomainEvent;
}

export const memoryLog = (): { readonly events: SqliteEventStore; readonly writer: LogWriter } => {
  const events = new SqliteEventStore(':memory:');
  return { events, writer: new LogWriter(events) };
};

/** The events as they would stand in a log of their own, from position 0. */
export const logged = (log: readonly StreamEvent[]): readonly LoggedEvent[] => {
  const revisions = new Map<string, number>();
  return log.map(({ stream, event }, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    return { stream, revision, position: BigInt(index), event, actorId: 'system' };
  });
};
