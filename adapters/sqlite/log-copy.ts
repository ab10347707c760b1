import type { DatabaseSync } from 'node:sqlite';
import { EventStoreUnavailable, RevisionConflict, type RecordedEvent } from '../../ports/event-store.ts';
import { OutOfOrder, type LogCopy } from '../../ports/log-copy.ts';
import { inTransaction, isDatabaseError, openDatabase, Statements } from './database.ts';
import { encodeEvent, eventMigrations } from './event-rows.ts';

/**
 * Makes one SQLite file a copy of another log, each call in one transaction. Positions are kept as they were, gaps and
 * all, so that what clients and read models hold of them stays true.
 */
export class SqliteLogCopy implements LogCopy {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'full', migrations: eventMigrations, cacheMiB: 16 });
    this.#statements = new Statements(this.#db);
  }

  async restore(events: readonly RecordedEvent[]): Promise<void> {
    try {
      inTransaction(this.#db, () => {
        for (const event of events) this.#add(event);
      });
    } catch (cause) {
      if (!isDatabaseError(cause)) throw cause;
      throw new EventStoreUnavailable('The event log could not be written', { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #add(event: RecordedEvent): void {
    const { stream, revision, position, recordedAt } = event;
    const there = this.#statements.get(at).get(stream, BigInt(revision));
    if (there?.['id'] === event.id) return;
    const last = Number(this.#statements.get(newest).get(stream)!['revision']);
    if (there !== undefined || last !== revision - 1) throw new RevisionConflict(stream, revision - 1);
    if (position <= (this.#statements.get(head).get()!['position'] as bigint)) {
      throw new OutOfOrder(`Something stands at position ${position} or after it already`);
    }
    const { id, type, data, metadata } = encodeEvent(event);
    this.#statements.get(insert).run(position, stream, BigInt(revision), id, type, data, metadata, recordedAt);
  }
}

const at = 'select id from events where stream = ? and revision = ?';
const newest = 'select coalesce(max(revision), -1) as revision from events where stream = ?';
const head = 'select coalesce(max(position), -1) as position from events';
const insert = 'insert into events values (?, ?, ?, ?, ?, ?, ?, ?)';
