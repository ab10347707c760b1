import type { DatabaseSync } from 'node:sqlite';
import type { Snapshot, SnapshotStore } from '../../ports/snapshot-store.ts';
import { openDatabase, Statements } from './database.ts';

const migrations: readonly string[] = [
  `create table snapshots (
    stream text not null primary key,
    revision integer not null,
    position integer not null,
    version integer not null,
    state text not null
  ) strict`,
];

const load = 'select revision, position, version, state from snapshots where stream = ?';
const save = `insert into snapshots (stream, revision, position, version, state) values (?, ?, ?, ?, ?)
  on conflict do update set revision = excluded.revision, position = excluded.position, version = excluded.version,
    state = excluded.state
  where excluded.revision >= revision`;

/** Snapshots in one SQLite file, or in memory with `:memory:`. At the same revision the later one stays. */
export class SqliteSnapshotStore implements SnapshotStore {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'normal', migrations, cacheMiB: 4 });
    this.#statements = new Statements(this.#db);
  }

  async load(stream: string): Promise<Snapshot | undefined> {
    const row = this.#statements.get(load).get(stream);
    if (!row) return undefined;
    return {
      revision: Number(row['revision']),
      position: row['position'] as bigint,
      version: Number(row['version']),
      state: JSON.parse(row['state'] as string) as unknown,
    };
  }

  async save(stream: string, { revision, position, version, state }: Snapshot): Promise<void> {
    this.#statements.get(save).run(stream, BigInt(revision), position, BigInt(version), JSON.stringify(state));
  }

  async drop(stream: string): Promise<void> {
    this.#statements.get('delete from snapshots where stream = ?').run(stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }
}
