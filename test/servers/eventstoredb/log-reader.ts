import { DatabaseSync } from 'node:sqlite';
import { Statements } from '../../../adapters/sqlite/database.ts';
import { fromRow, lastRevision, recordBytes, tombstoneType, type Row, type Stored } from './stored.ts';

export type Direction = 'forwards' | 'backwards';

/** Where a stream begins and ends for those who read it. */
export interface Extent {
  /** Of the newest event; undefined for a stream that was never written. */
  readonly last: bigint | undefined;
  /** The first revision that is still shown. */
  readonly first: bigint;
  readonly isDeleted: boolean;
  readonly isTombstoned: boolean;
}

/** Queries on the file of the event store that its port has no need of. Positions here are those that clients see. */
export class LogReader implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, readBigInts: true });
    this.#statements = new Statements(this.#db);
  }

  extent(stream: string): Extent {
    const newest = this.#one(stream);
    const metadata = stream.startsWith('$$') ? undefined : this.#one(`$$${stream}`);
    const truncated = metadata && /"\$tb":\s*(\d+)/.exec(fromRow(metadata).data.toString())?.[1];
    const first = BigInt(truncated ?? 0);
    return {
      last: newest?.revision,
      first,
      isDeleted: first === lastRevision,
      isTombstoned: newest?.type === tombstoneType,
    };
  }

  /** At most `limit` events of a stream from a revision on, which is among them. */
  streamPage(stream: string, from: bigint, direction: Direction, limit: number): readonly Stored[] {
    const first = this.extent(stream).first;
    const rows =
      direction === 'forwards'
        ? this.#all(streamForwards, stream, from > first ? from : first, lastRevision, limit)
        : this.#all(streamBackwards, stream, first, from, limit);
    return rows.map((row) => fromRow(row));
  }

  /** At most `limit` events of the log before or after a position, which is not among them. */
  logPage(beyond: bigint, direction: Direction, limit: number): readonly Stored[] {
    const isForwards = direction === 'forwards';
    // A client may name any place beyond the end.
    const most = lastRevision / recordBytes;
    const row = beyond < 0n ? -1n : beyond / recordBytes;
    const bound = row > most ? most : row;
    return this.#all(isForwards ? logForwards : logBackwards, bound, limit).map((row) => fromRow(row));
  }

  /** Position of the newest event. */
  head(): bigint {
    return this.logPage(lastRevision, 'backwards', 1)[0]?.position ?? 0n;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #one(stream: string): Row | undefined {
    return this.#all(streamBackwards, stream, 0n, lastRevision, 1)[0];
  }

  #all(sql: string, ...values: readonly (string | bigint | number)[]): readonly Row[] {
    return this.#statements.get(sql).all(...values) as unknown as Row[];
  }
}

const streamForwards = `select * from events where stream = ? and revision >= ? and revision <= ?
  order by revision limit ?`;
const streamBackwards = `select * from events where stream = ? and revision >= ? and revision <= ?
  order by revision desc limit ?`;
const logForwards = 'select * from events where position > ? order by position limit ?';
const logBackwards = 'select * from events where position < ? order by position desc limit ?';
