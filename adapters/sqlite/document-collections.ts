import type { DatabaseSync } from 'node:sqlite';
import { UnknownCollection, type CollectionSpec, type Write } from '../../ports/document-store.ts';
import { Statements } from './database.ts';
import { indexValue, keyColumn, tableName, type IndexValue } from './document-keys.ts';
import { keyedFields, readSpec } from './document-schema.ts';

/** A collection that exists, with the statements that do not depend on a query. */
export interface KnownCollection {
  readonly spec: CollectionSpec;
  readonly keyed: readonly string[];
  readonly get: string;
  readonly upsert: string;
}

const known = (spec: CollectionSpec): KnownCollection => {
  const table = tableName(spec.name);
  const keyed = keyedFields(spec);
  const columns = ['position', 'body', ...keyed.map((field) => keyColumn(field))];
  return {
    spec,
    keyed,
    get: `select id, position, body from ${table} where id = ? and body is not null`,
    upsert: `insert into ${table} (id, ${columns.join(', ')}) values (?${', ?'.repeat(columns.length)})
      on conflict do update set ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
      where excluded.position > position`,
  };
};

/** A removed document keeps its row, with nothing but its position, so that an older write cannot bring it back. */
export const rowOf = ({ keyed }: KnownCollection, { id, position, body }: Write): (IndexValue | null)[] => {
  if (!body) return [id, position, null, ...keyed.map(() => null)];
  const fields = body as Record<string, unknown>;
  return [id, position, JSON.stringify(body), ...keyed.map((field) => indexValue(fields[field]))];
};

/** The collections as they are now, also after another process has changed them. */
export class KnownCollections {
  readonly #db: DatabaseSync;
  readonly #known = new Map<string, KnownCollection>();
  /** Statements of the collections as they are now. */
  readonly statements: Statements;
  #schemaVersion: unknown;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.statements = new Statements(db);
  }

  /** Throws `UnknownCollection`. */
  of(name: string): KnownCollection {
    this.#refresh();
    const found = this.#known.get(name);
    if (found) return found;
    const spec = readSpec(this.#db, name);
    if (!spec) throw new UnknownCollection(name);
    const collection = known(spec);
    this.#known.set(name, collection);
    return collection;
  }

  #refresh(): void {
    const version = this.statements.get('pragma schema_version').get()!['schema_version'];
    if (version === this.#schemaVersion) return;
    this.#schemaVersion = version;
    this.#known.clear();
    this.statements.clear();
  }
}
