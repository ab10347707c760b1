import type { DatabaseSync } from 'node:sqlite';
import type { CollectionSpec, IndexSpec } from '../../ports/document-store.ts';
import { checkpointTable } from './checkpoints.ts';
import { bodyPath, columnName, indexName, indexValue, keyColumn, tableName } from './document-keys.ts';
import { membership } from './document-query.ts';

/** The store's own tables; a collection's name has no colon, so none can be taken for one of them. */
export const documentMigrations: readonly string[] = [
  `create table "parley:collections" (name text primary key collate nocase, spec text not null) strict;
  create table "parley:views" (name text primary key collate nocase, collection text not null) strict;
  ${checkpointTable}`,
];

const checkName = (name: string): void => {
  if (!/^[\w.-]+$/.test(name) || /^sqlite_/i.test(name)) throw new TypeError(`No collection can be named ${name}`);
};

const checkSpec = ({ name, indexes }: CollectionSpec): void => {
  checkName(name);
  if (new Set(indexes.map((index) => index.name)).size < indexes.length) {
    throw new TypeError(`Collection ${name} has two indexes of the same name`);
  }
};

/** Fields that the indexes of a collection hold, each once. */
export const keyedFields = ({ indexes }: Pick<CollectionSpec, 'indexes'>): readonly string[] => [
  ...new Set(indexes.flatMap(({ fields }) => fields)),
];

export const readSpec = (db: DatabaseSync, name: string): CollectionSpec | undefined => {
  const row = db.prepare('select spec from "parley:collections" where name = ? and name = ? collate binary');
  const spec = row.get(name, name)?.['spec'] as string | undefined;
  return spec === undefined ? undefined : (JSON.parse(spec) as CollectionSpec);
};

export const readNames = (db: DatabaseSync): readonly string[] =>
  db
    .prepare('select name from "parley:collections" order by name')
    .all()
    .map(({ name }) => name as string);

const saveSpec = (db: DatabaseSync, spec: CollectionSpec): void => {
  const sql = 'insert into "parley:collections" values (?, ?) on conflict do update set spec = excluded.spec';
  db.prepare(sql).run(spec.name, JSON.stringify(spec));
};

const sameName = (db: DatabaseSync, name: string): string | undefined =>
  db.prepare(`select name from sqlite_schema where name = ? collate nocase and type in ('table', 'view')`).get(name)?.[
    'name'
  ] as string | undefined;

/** The documents that are there get the new columns' values. */
const fillColumns = (db: DatabaseSync, collection: string, fields: readonly string[]): void => {
  const table = tableName(collection);
  const page = db.prepare(`select id, body from ${table} where id > ? and body is not null order by id limit 500`);
  const columns = fields.map((field) => `${keyColumn(field)} = ?`).join(', ');
  const update = db.prepare(`update ${table} set ${columns} where id = ?`);
  let last = '';
  for (;;) {
    const rows = page.all(last) as unknown as { id: string; body: string }[];
    for (const { id, body } of rows) {
      const document = JSON.parse(body) as Record<string, unknown>;
      update.run(...fields.map((field) => indexValue(document[field])), id);
      last = id;
    }
    if (rows.length === 0) return;
  }
};

const makeIndex = (db: DatabaseSync, collection: string, index: IndexSpec): void => {
  const columns = index.fields.map((field) => keyColumn(field)).join(', ');
  const name = indexName(collection, index.name);
  db.exec(`drop index if exists ${name}`);
  db.exec(`create index ${name} on ${tableName(collection)} (${columns}) where ${membership(index)}`);
};

const makeTable = (db: DatabaseSync, spec: CollectionSpec): void => {
  const taken = sameName(db, spec.name);
  if (taken !== undefined) throw new TypeError(`Collection ${spec.name} cannot stand beside ${taken}`);
  const keys = keyedFields(spec).map((field) => `, ${keyColumn(field)} any`);
  const columns = `id text not null primary key, position integer not null, body text${keys.join('')}`;
  db.exec(`create table ${tableName(spec.name)} (${columns}) strict`);
};

const sameIndex = (a: IndexSpec, b: IndexSpec): boolean =>
  JSON.stringify([a.fields, a.sparse ?? false]) === JSON.stringify([b.fields, b.sparse ?? false]);

/** Makes the collection, or what it lacks; indexes that the spec does not name stay. Returns the spec it has then. */
export const ensureCollection = (db: DatabaseSync, spec: CollectionSpec): CollectionSpec => {
  checkSpec(spec);
  const known = readSpec(db, spec.name);
  if (!known) makeTable(db, spec);
  const have = known?.indexes ?? [];
  const wanted = spec.indexes.filter((index) => !have.some((old) => old.name === index.name && sameIndex(old, index)));
  const others = have.filter((old) => !spec.indexes.some(({ name }) => name === old.name));
  const complete = { ...spec, indexes: [...spec.indexes, ...others] };
  if (known) addColumns(db, known, complete);
  for (const index of wanted) makeIndex(db, spec.name, index);
  saveSpec(db, complete);
  return complete;
};

const addColumns = (db: DatabaseSync, known: CollectionSpec, complete: CollectionSpec): void => {
  const present = new Set(
    db
      .prepare('select name from pragma_table_info(?)')
      .all(known.name)
      .map(({ name }) => columnName(name as string)),
  );
  const missing = keyedFields(complete).filter((field) => !present.has(keyColumn(field)));
  if (missing.length === 0) return;
  for (const field of missing) db.exec(`alter table ${tableName(known.name)} add column ${keyColumn(field)} any`);
  fillColumns(db, known.name, missing);
};

const dropViews = (db: DatabaseSync, column: 'name' | 'collection', value: string): void => {
  for (const { name } of db.prepare(`select name from "parley:views" where ${column} = ?`).all(value)) {
    db.exec(`drop view if exists ${tableName(name as string)}`);
  }
  db.prepare(`delete from "parley:views" where ${column} = ?`).run(value);
};

export const dropCollection = (db: DatabaseSync, name: string): void => {
  if (!readSpec(db, name)) return;
  dropViews(db, 'collection', name);
  db.exec(`drop table ${tableName(name)}`);
  db.prepare('delete from "parley:collections" where name = ?').run(name);
};

/** A view in place of the one that had the name before. */
export const makeView = (db: DatabaseSync, name: string, { name: collection, fields }: CollectionSpec): void => {
  checkName(name);
  dropViews(db, 'name', name);
  const taken = sameName(db, name);
  if (taken !== undefined) throw new TypeError(`View ${name} cannot stand beside ${taken}`);
  const columns = fields.map((field) => `json_extract(body, ${bodyPath(field)}) as ${columnName(field)}`);
  const shown = columns.length > 0 ? columns.join(', ') : 'id';
  db.exec(`create view ${tableName(name)} as select ${shown} from ${tableName(collection)} where body is not null`);
  db.prepare('insert into "parley:views" values (?, ?)').run(name, collection);
};
