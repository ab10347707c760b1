import type { DatabaseSync } from 'node:sqlite';
import { tokenMarks } from '../../ports/search-store.ts';
import { checkpointTable } from './checkpoints.ts';
import { tableName } from './document-keys.ts';

/** The store's own tables; a collection's name has no colon, so none can be taken for one of them. */
export const searchMigrations: readonly string[] = [
  `create table "parley:collections" (name text primary key collate nocase) strict;
  ${checkpointTable}`,
];

/** The full-text index of a collection. */
export const indexTable = (collection: string): string => tableName(`${collection}:tokens`);

const checkName = (name: string): void => {
  if (!/^[\w.-]+$/.test(name) || /^sqlite_/i.test(name)) throw new TypeError(`No collection can be named ${name}`);
};

export const hasCollection = (db: DatabaseSync, name: string): boolean =>
  db.prepare('select 1 from "parley:collections" where name = ? and name = ? collate binary').get(name, name) !==
  undefined;

export const collectionNames = (db: DatabaseSync): readonly string[] =>
  db
    .prepare('select name from "parley:collections" order by name')
    .all()
    .map(({ name }) => name as string);

/**
 * What is filtered by stands first in a row, so that a search need not read past it. A removed document keeps its row,
 * with nothing but its position, so that an older write cannot bring it back. The index keeps no text of its own, and
 * lets go of what is removed at once instead of marking it.
 */
export const makeCollection = (db: DatabaseSync, name: string): void => {
  checkName(name);
  if (hasCollection(db, name)) return;
  const table = tableName(name);
  const index = indexTable(name);
  db.exec(`create table ${table} (row integer primary key, id any not null unique, position integer not null,
    "group" any, author any, at integer, seq integer, kept text, words text, extras text, labels text) strict`);
  db.exec(`create index ${tableName(`${name}:at`)} on ${table} (at) where at is not null`);
  db.exec(`create virtual table ${index} using fts5 (words, extras, labels, content = ${table}, content_rowid = row,
    tokenize = "ascii tokenchars '${tokenMarks}'")`);
  db.exec(`insert into ${index} (${index}, rank) values ('secure-delete', 1)`);
  db.prepare('insert into "parley:collections" values (?)').run(name);
};

export const dropCollection = (db: DatabaseSync, name: string): void => {
  if (!hasCollection(db, name)) return;
  db.exec(`drop table ${indexTable(name)}; drop table ${tableName(name)}`);
  db.prepare('delete from "parley:collections" where name = ?').run(name);
};
