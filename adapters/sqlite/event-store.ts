import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';
import { timestamp, type Clock } from '../../ports/clock.ts';
import {
  beforeLog,
  EventStoreUnavailable,
  noStream,
  type Appended,
  type EventStore,
  type LogItem,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type Revision,
} from '../../ports/event-store.ts';
import { Bell } from './bell.ts';
import { isDatabaseError, openDatabase, Statements } from './database.ts';
import { decodeEvent, encodeEvent, eventMigrations, takeRows, type EventRow } from './event-rows.ts';
import { GroupCommit } from './group-commit.ts';

export interface SqliteEventStoreOptions {
  readonly clock?: Clock;
  /** How often subscriptions look for what other processes wrote. */
  readonly pollMs?: number;
}

/** Bounds of one read, so that neither memory nor the process's time is taken by a long stream or a long log. */
const pageEvents = 500;
/** Who reads backwards often wants the newest few only, so that the first page is small, and each next one larger. */
const firstPageEvents = 8;
const pageGrowth = 4;
const pageSize = 4 * 1024 * 1024;

/** The event log in one SQLite file, or in memory with `:memory:`. Several processes may use the same file. */
export class SqliteEventStore implements EventStore {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #appends: GroupCommit;
  readonly #bell = new Bell();
  readonly #pollMs: number;
  #subscriptions = 0;
  #poll: NodeJS.Timeout | undefined;
  #polledHead = beforeLog;

  constructor(path: string, { clock = Date.now, pollMs = 250 }: SqliteEventStoreOptions = {}) {
    this.#db = openDatabase(path, { synchronous: 'full', migrations: eventMigrations, cacheMiB: 16 });
    this.#statements = new Statements(this.#db);
    this.#pollMs = pollMs;
    this.#appends = new GroupCommit({ db: this.#db, now: () => timestamp(clock), onCommit: () => this.#bell.ring() });
  }

  async append(stream: string, events: readonly NewEvent[], expected: Revision): Promise<Appended> {
    if (events.length === 0) throw new TypeError('An append holds at least one event');
    const encoded = events.map((event) => encodeEvent(event));
    return await new Promise((resolve, reject) => {
      this.#appends.add({ stream, events: encoded, expected, resolve, reject });
    });
  }

  async *readStream(
    stream: string,
    { after = noStream }: { readonly after?: Revision } = {},
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    let last = after;
    for (;;) {
      const { events, final } = this.#page(forwards, pageEvents, stream, BigInt(last));
      yield* events;
      if (final) return;
      last = events.at(-1)!.revision;
      await nextTurn();
    }
  }

  async *readStreamBackwards(
    stream: string,
    { before = Number.MAX_SAFE_INTEGER }: { readonly before?: Revision } = {},
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    let first = before;
    for (let limit = firstPageEvents; ; limit = Math.min(limit * pageGrowth, pageEvents)) {
      const { events, final } = this.#page(backwards, limit, stream, BigInt(first));
      yield* events;
      if (final) return;
      first = events.at(-1)!.revision;
      await nextTurn();
    }
  }

  async readLog(after: Position, limit: number): Promise<readonly RecordedEvent[]> {
    const rows = this.#read(() => this.#statements.get(log).all(after, BigInt(limit)) as unknown as EventRow[]);
    return rows.map((row) => decodeEvent(row));
  }

  async head(): Promise<Position> {
    return this.#head();
  }

  async *subscribe(after: Position, signal: AbortSignal): AsyncGenerator<LogItem, void, undefined> {
    let position = after;
    let caughtUp = false;
    this.#startPolling();
    try {
      while (!signal.aborted) {
        const seen = this.#bell.rings;
        const { events } = this.#page(log, pageEvents, position);
        if (events.length > 0) {
          position = events.at(-1)!.position;
          caughtUp = false;
          yield { kind: 'events', events };
          await nextTurn();
        } else if (!caughtUp) {
          caughtUp = true;
          yield { kind: 'caught-up', position };
        } else {
          await this.#bell.after(seen, signal);
        }
      }
    } finally {
      this.#stopPolling();
    }
  }

  /** Commits what is waiting, then closes the file. Subscriptions that are not aborted fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#db.isOpen) return;
    this.#appends.flush();
    this.#db.close();
    this.#bell.ring();
  }

  #page(
    sql: string,
    limit: number,
    ...bounds: readonly (string | bigint)[]
  ): { events: RecordedEvent[]; final: boolean } {
    const { rows, complete } = this.#read(() =>
      takeRows(this.#statements.get(sql).iterate(...bounds, BigInt(limit)), pageSize),
    );
    return { events: rows.map((row) => decodeEvent(row)), final: complete && rows.length < limit };
  }

  #head(): Position {
    return this.#read(() => this.#statements.get(newest).get()!['position'] as bigint);
  }

  #read<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!isDatabaseError(cause)) throw cause;
      throw new EventStoreUnavailable('The event log could not be read', { cause });
    }
  }

  #startPolling(): void {
    this.#subscriptions += 1;
    this.#poll ??= setInterval(() => this.#lookForNews(), this.#pollMs);
  }

  #stopPolling(): void {
    this.#subscriptions -= 1;
    if (this.#subscriptions > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  /** Rings also when the look-up fails, so that the subscriptions meet the error themselves. */
  #lookForNews(): void {
    const before = this.#polledHead;
    try {
      this.#polledHead = this.#head();
    } catch {
      this.#bell.ring();
    }
    if (this.#polledHead !== before) this.#bell.ring();
  }
}

const newest = `select coalesce(max(position), ${beforeLog}) as position from events`;
const log = 'select * from events where position > ? order by position limit ?';
const forwards = 'select * from events where stream = ? and revision > ? order by revision limit ?';
const backwards = 'select * from events where stream = ? and revision < ? order by revision desc limit ?';
