import { DatabaseSync, type StatementSync } from 'node:sqlite';

export interface DatabaseOptions {
  /** `full`: a commit survives a loss of power. `normal`: it survives a crash of the process. */
  readonly synchronous: 'full' | 'normal';
  /** One script per schema version, oldest first; what was released is never changed. */
  readonly migrations: readonly string[];
  /** Memory for pages of the file. */
  readonly cacheMiB: number;
}

/** How long a statement waits for another process that is writing to the same file. */
const busyTimeoutMs = 5_000;

/** Pages in the write-ahead log before they go to their places; many writes to one page then cost one. */
const walPages = 4_000;

const versionOf = (db: DatabaseSync): number => Number(db.prepare('pragma user_version').get()!['user_version']);

/** Runs `work` in one write transaction: all of it or nothing. */
export const inTransaction = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('begin immediate');
  try {
    const result = work();
    db.exec('commit');
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
};

/** Ends a transaction without effect; SQLite has already done so after some errors. */
export const rollBack = (db: DatabaseSync): void => {
  if (db.isOpen && db.isTransaction) db.exec('rollback');
};

const migrate = (db: DatabaseSync, path: string, migrations: readonly string[]): void => {
  const version = versionOf(db);
  if (version > migrations.length) {
    throw new Error(`${path} has schema version ${version}, this release knows versions up to ${migrations.length}`);
  }
  for (const script of migrations.slice(version)) db.exec(script);
  db.exec(`pragma user_version = ${migrations.length}`);
};

/**
 * Opens or makes a database file (or `:memory:`) with the newest schema. Integers read as bigints. Throws when the
 * file was written by a newer release.
 */
export const openDatabase = (path: string, { synchronous, migrations, cacheMiB }: DatabaseOptions): DatabaseSync => {
  const db = new DatabaseSync(path, {
    readBigInts: true,
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: false,
  });
  try {
    db.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}`);
    db.exec(`pragma cache_size = ${-1024 * cacheMiB}; pragma wal_autocheckpoint = ${walPages}`);
    if (versionOf(db) !== migrations.length) inTransaction(db, () => migrate(db, path, migrations));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Statements by their text, each prepared once. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get(sql: string): StatementSync {
    return this.#prepared.getOrInsertComputed(sql, () => this.#db.prepare(sql));
  }

  /** Forgets all, for instance because tables are gone. */
  clear(): void {
    this.#prepared.clear();
  }
}

/** Whether the database, and not the caller, is the cause: a failing or locked file, a closed connection. */
export const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_SQLITE_ERROR' || error.code === 'ERR_INVALID_STATE');
