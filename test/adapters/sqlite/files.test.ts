import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { SqliteCredentialStore } from '../../../adapters/sqlite/credential-store.ts';
import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { SqliteJobs } from '../../../adapters/sqlite/jobs.ts';
import { SqliteSnapshotStore } from '../../../adapters/sqlite/snapshot-store.ts';
import type { CollectionSpec } from '../../../ports/document-store.ts';
import { temporaryPath } from './temporary.ts';

const stores = [
  [SqliteEventStore, 1],
  [SqliteDocumentStore, 1],
  [SqliteSnapshotStore, 1],
  [SqliteCredentialStore, 2],
  [SqliteJobs, 2],
] as const;

test.each(stores)('%o keeps a write-ahead log and refuses a file of a newer release', async (Store, version) => {
  const path = temporaryPath('store.db');
  await new Store(path)[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  expect(db.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('pragma user_version').get()).toEqual({ user_version: version });
  db.exec('pragma user_version = 9');
  db.close();
  expect(() => new Store(path)).toThrow(`${path} has schema version 9, this release knows versions up to ${version}`);
});

const things: CollectionSpec = {
  name: 'things.v1.0',
  fields: ['name', 'sentAt', 'tags', 'open', 'odd "name\'', 'missing'],
  indexes: [{ name: 'byName', fields: ['name'] }],
};

const rowsOf = (path: string, view: string): unknown => {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare(`select * from "${view}"`).all();
  db.close();
  return rows;
};

test('a view shows an analyst the fields of the documents there are', async () => {
  const path = temporaryPath('read-models.db');
  await using store = new SqliteDocumentStore(path);
  await store.ensure([things, { ...things, name: 'things.v1.1' }]);
  const body = { name: 'one', sentAt: '2026-01-01', tags: ['x'], open: true, 'odd "name\'': 3, other: 1 };
  await store.commit([
    { collection: things.name, id: 'a', position: 1n, body },
    { collection: things.name, id: 'b', position: 1n },
  ]);
  await store.expose('things', things);
  expect(rowsOf(path, 'things')).toEqual([
    { name: 'one', sentAt: '2026-01-01', tags: '["x"]', open: 1, 'odd "name\'': 3, missing: null },
  ]);
  await store.expose('things', { ...things, name: 'things.v1.1' });
  expect(rowsOf(path, 'things')).toEqual([]);
  await store.drop([things.name]);
  expect(rowsOf(path, 'things')).toEqual([]);
  await store.drop(['things.v1.1']);
  expect(() => rowsOf(path, 'things')).toThrow('no such table: things');
});

test('names that SQLite cannot tell apart are refused', async () => {
  await using store = new SqliteDocumentStore(':memory:');
  await store.ensure([things]);
  await expect(store.ensure([{ ...things, name: 'THINGS.v1.0' }])).rejects.toThrow('cannot stand beside things.v1.0');
  await expect(store.expose('Things.v1.0', things)).rejects.toThrow('cannot stand beside things.v1.0');
  await expect(store.ensure([{ ...things, name: 'sqlite_things' }])).rejects.toBeInstanceOf(TypeError);
  expect(await store.collections()).toEqual([things.name]);
});
