import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, openSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { CredentialRecord, CredentialStore, PasswordCredential, Session } from '../../ports/credential-store.ts';
import { botRecordsTable, SqliteBotRecords } from './bot-records.ts';
import { inTransaction, openDatabase, Statements } from './database.ts';

const migrations: readonly string[] = [
  `create table credentials (
    user_id text not null primary key,
    username text not null unique,
    password_hash text not null,
    created_at text not null
  ) strict;
  create table sessions (
    session_id text not null primary key,
    user_id text not null,
    device_id text not null,
    created_at text not null,
    last_seen_at text not null,
    generation integer not null,
    rotated_at text not null,
    unique (user_id, device_id)
  ) strict;
  create table secrets (name text not null primary key, value blob not null) strict`,
  botRecordsTable,
];

/** Only the owner of the process may read the file; SQLite gives the files beside it the same mode. */
const makePrivate = (path: string): void => {
  if (path === ':memory:') return;
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
};

type Row = Readonly<Record<string, unknown>>;

const toCredential = (row: Row): PasswordCredential => ({
  userId: row['user_id'] as string,
  username: row['username'] as string,
  passwordHash: row['password_hash'] as string,
  createdAt: row['created_at'] as string,
});

const toSession = (row: Row): Session => ({
  sessionId: row['session_id'] as string,
  userId: row['user_id'] as string,
  deviceId: row['device_id'] as string,
  createdAt: row['created_at'] as string,
  lastSeenAt: row['last_seen_at'] as string,
  generation: Number(row['generation']),
  rotatedAt: row['rotated_at'] as string,
});

const credentialRow = ({ userId, username, passwordHash, createdAt }: PasswordCredential): readonly SQLInputValue[] => [
  userId,
  username,
  passwordHash,
  createdAt,
];

const sessionRow = (session: Session): readonly SQLInputValue[] => {
  const { sessionId, userId, deviceId, createdAt, lastSeenAt, generation, rotatedAt } = session;
  return [sessionId, userId, deviceId, createdAt, lastSeenAt, BigInt(generation), rotatedAt];
};

const pageRecords = 500;

/** Credentials, sessions and secrets in one SQLite file of mode 0600. Every change is durable when it resolves. */
export class SqliteCredentialStore implements CredentialStore {
  readonly bots: SqliteBotRecords;
  readonly #db: DatabaseSync;
  readonly #statements: Statements;

  constructor(path: string) {
    makePrivate(path);
    this.#db = openDatabase(path, { synchronous: 'full', migrations, cacheMiB: 4 });
    this.#statements = new Statements(this.#db);
    this.bots = new SqliteBotRecords(this.#db);
  }

  async addCredential(credential: PasswordCredential): Promise<boolean> {
    return this.#change(addCredential, credentialRow(credential));
  }

  async credentialByUsername(username: string): Promise<PasswordCredential | undefined> {
    const row = this.#statements.get('select * from credentials where username = ?').get(username);
    return row && toCredential(row);
  }

  async removeUser(userId: string): Promise<void> {
    inTransaction(this.#db, () => {
      this.#change('delete from credentials where user_id = ?', [userId]);
      this.#change('delete from sessions where user_id = ?', [userId]);
    });
  }

  async startSession(session: Session): Promise<void> {
    this.#change('insert or replace into sessions values (?, ?, ?, ?, ?, ?, ?)', sessionRow(session));
  }

  async session(sessionId: string): Promise<Session | undefined> {
    const row = this.#statements.get('select * from sessions where session_id = ?').get(sessionId);
    return row && toSession(row);
  }

  async sessionsOf(userId: string): Promise<readonly Session[]> {
    const sql = 'select * from sessions where user_id = ? order by device_id';
    return this.#statements
      .get(sql)
      .all(userId)
      .map((row) => toSession(row));
  }

  async rotate(sessionId: string, from: number, at: string): Promise<boolean> {
    const sql = `update sessions set generation = generation + 1, rotated_at = ?
      where session_id = ? and generation = ?`;
    return this.#change(sql, [at, sessionId, BigInt(from)]);
  }

  async touch(sessionId: string, at: string): Promise<void> {
    const sql = 'update sessions set last_seen_at = ? where session_id = ? and last_seen_at < ?';
    this.#change(sql, [at, sessionId, at]);
  }

  async touchAll(sessionIds: readonly string[], at: string): Promise<void> {
    const sql = `update sessions set last_seen_at = ?
      where session_id in (select value from json_each(?)) and last_seen_at < ?`;
    this.#change(sql, [at, JSON.stringify(sessionIds), at]);
  }

  async lastSeenOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const sql = `select user_id, max(last_seen_at) as at from sessions
      where user_id in (select value from json_each(?)) group by user_id`;
    const rows = this.#statements.get(sql).all(JSON.stringify(userIds));
    return new Map(rows.map((row) => [row['user_id'] as string, row['at'] as string]));
  }

  async endSession(sessionId: string): Promise<void> {
    this.#change('delete from sessions where session_id = ?', [sessionId]);
  }

  async endSessionsOfDevice(userId: string, deviceId: string): Promise<void> {
    this.#change('delete from sessions where user_id = ? and device_id = ?', [userId, deviceId]);
  }

  async secret(name: string, bytes: number): Promise<Uint8Array> {
    const known = this.#secret(name);
    if (known) return known;
    this.#change(addSecret, [name, randomBytes(bytes)]);
    return this.#secret(name)!;
  }

  async *records(): AsyncGenerator<readonly CredentialRecord[], void, undefined> {
    yield* this.#pages('credentials', 'user_id', (row) => ({ kind: 'credential', credential: toCredential(row) }));
    yield* this.#pages('sessions', 'session_id', (row) => ({ kind: 'session', session: toSession(row) }));
    yield* this.#pages('secrets', 'name', (row) => ({
      kind: 'secret',
      name: row['name'] as string,
      value: row['value'] as Uint8Array,
    }));
    for (const page of this.bots.pages()) yield page.map((record) => ({ kind: 'bot', record }));
  }

  async restore(records: readonly CredentialRecord[]): Promise<void> {
    inTransaction(this.#db, () => {
      for (const record of records) {
        if (record.kind === 'credential') this.#change(addCredential, credentialRow(record.credential));
        else if (record.kind === 'session') this.#change(addSession, sessionRow(record.session));
        else if (record.kind === 'secret') this.#change(addSecret, [record.name, record.value]);
        else this.bots.restore(record.record);
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  *#pages(
    table: string,
    key: string,
    toRecord: (row: Row) => CredentialRecord,
  ): Generator<readonly CredentialRecord[], void, undefined> {
    const sql = `select * from ${table} where ${key} > ? order by ${key} limit ${pageRecords}`;
    for (let after = ''; ;) {
      const rows: readonly Row[] = this.#statements.get(sql).all(after);
      if (rows.length === 0) return;
      yield rows.map(toRecord);
      after = rows.at(-1)![key] as string;
    }
  }

  #secret(name: string): Uint8Array | undefined {
    return this.#statements.get('select value from secrets where name = ?').get(name)?.['value'] as
      | Uint8Array
      | undefined;
  }

  /** Whether the statement changed anything. */
  #change(sql: string, values: readonly SQLInputValue[]): boolean {
    return Number(this.#statements.get(sql).run(...values).changes) > 0;
  }
}

const addCredential = 'insert or ignore into credentials values (?, ?, ?, ?)';
const addSession = 'insert or ignore into sessions values (?, ?, ?, ?, ?, ?, ?)';
const addSecret = 'insert or ignore into secrets values (?, ?)';
