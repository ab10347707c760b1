import type { DatabaseSync } from 'node:sqlite';
import { EventStoreUnavailable, RevisionConflict, type Appended, type Revision } from '../../ports/event-store.ts';
import { inTransaction, Statements } from './database.ts';
import { sizeOf, type EncodedEvent } from './event-rows.ts';

export interface PendingAppend {
  readonly stream: string;
  readonly events: readonly EncodedEvent[];
  readonly expected: Revision;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

export interface GroupCommitOptions {
  readonly db: DatabaseSync;
  readonly now: () => string;
  /** Called after every transaction that wrote something. */
  readonly onCommit: () => void;
}

/** Bounds of one shared transaction, so that the process is not held up for long. */
const maxEvents = 1_000;
const maxSize = 4 * 1024 * 1024;

const sizeOfAppend = ({ events }: PendingAppend): number => events.reduce((sum, event) => sum + sizeOf(event), 0);

/**
 * Appends that wait at the same moment share one transaction, each with its own revision check: a conflict is the
 * outcome of one append and leaves its neighbours alone. An append resolves after the commit; when the commit fails,
 * every append in it rejects.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #now: () => string;
  readonly #onCommit: () => void;
  #waiting: PendingAppend[] = [];
  #scheduled = false;

  constructor({ db, now, onCommit }: GroupCommitOptions) {
    this.#db = db;
    this.#statements = new Statements(db);
    this.#now = now;
    this.#onCommit = onCommit;
  }

  add(append: PendingAppend): void {
    this.#waiting.push(append);
    this.#schedule();
  }

  /** Commits all that is waiting, now. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commitGroup();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#waiting.length > 0) this.#commitGroup();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #commitGroup(): void {
    const group = this.#takeGroup();
    try {
      const outcomes = inTransaction(this.#db, () => group.map((append) => this.#outcomeOf(append)));
      this.#onCommit();
      group.forEach((append, i) => settle(append, outcomes[i]!));
    } catch (cause) {
      const error = new EventStoreUnavailable('The event log could not be written', { cause });
      for (const append of group) append.reject(error);
    }
  }

  #takeGroup(): readonly PendingAppend[] {
    let events = 0;
    let size = 0;
    const end = this.#waiting.findIndex((append, i) => {
      events += append.events.length;
      size += sizeOfAppend(append);
      return i > 0 && (events > maxEvents || size > maxSize);
    });
    const group = end === -1 ? this.#waiting : this.#waiting.slice(0, end);
    this.#waiting = end === -1 ? [] : this.#waiting.slice(end);
    return group;
  }

  #outcomeOf(append: PendingAppend): Appended | RevisionConflict {
    const { stream, events, expected } = append;
    if (this.#revisionOf(stream) !== expected) {
      return this.#earlierOutcome(append) ?? new RevisionConflict(stream, expected);
    }
    const recordedAt = this.#now();
    let position = 0n;
    for (const [i, { id, type, data, metadata }] of events.entries()) {
      const row = [stream, BigInt(expected + 1 + i), id, type, data, metadata, recordedAt];
      position = this.#statements.get(insert).run(...row).lastInsertRowid as bigint;
    }
    return { revision: expected + events.length, position };
  }

  #revisionOf(stream: string): Revision {
    return Number(this.#statements.get(newest).get(stream)!['revision']);
  }

  /** The outcome of the same append done before: the same ids stand right after `expected`. */
  #earlierOutcome({ stream, events, expected }: PendingAppend): Appended | undefined {
    const rows = this.#statements.get(following).all(stream, BigInt(expected), BigInt(events.length));
    const repeated = rows.length === events.length && events.every(({ id }, i) => id === rows[i]!['id']);
    if (!repeated) return undefined;
    return { revision: expected + events.length, position: rows.at(-1)!['position'] as bigint };
  }
}

const settle = (append: PendingAppend, outcome: Appended | RevisionConflict): void => {
  if (outcome instanceof RevisionConflict) append.reject(outcome);
  else append.resolve(outcome);
};

const newest = 'select coalesce(max(revision), -1) as revision from events where stream = ?';
const following = 'select id, position from events where stream = ? and revision > ? order by revision limit ?';
const insert = `insert into events (stream, revision, id, type, data, metadata, recorded_at)
  values (?, ?, ?, ?, ?, ?, ?)`;
