import type { DatabaseSync } from 'node:sqlite';
import {
  DocumentStoreUnavailable,
  UnknownCollection,
  type CheckpointMove,
  type CollectionSpec,
  type Document,
  type DocumentStore,
  type IndexQuery,
  type IndexRange,
  type Write,
} from '../../ports/document-store.ts';
import type { Position } from '../../ports/event-store.ts';
import { forgetCheckpoints, moveCheckpoint, readCheckpoints, readCheckpointsStarting } from './checkpoints.ts';
import { inTransaction, isDatabaseError, openDatabase } from './database.ts';
import { KnownCollections, rowOf } from './document-collections.ts';
import { sqlRange } from './document-query.ts';
import {
  documentMigrations,
  dropCollection,
  ensureCollection,
  makeView,
  readNames,
  readSpec,
} from './document-schema.ts';
import { newestWrites } from './newest-writes.ts';

interface Row {
  readonly id: string;
  readonly position: bigint;
  readonly body: string;
}

const toDocument = <Body extends object>({ id, position, body }: Row): Document<Body> => ({
  id,
  position,
  body: JSON.parse(body) as Body,
});

const limitOf = ({ limit }: IndexQuery): bigint => {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new TypeError(`A limit cannot be ${limit}`);
  return BigInt(limit);
};

const findSql = (source: string, order: string): string => `select id, position, body ${source} ${order} limit ?`;
const countSql = (source: string): string => `select count(*) as number ${source}`;

/**
 * Documents in one SQLite file, or in memory with `:memory:`; one table for each collection, whose index values stand
 * in columns of their own. Writes and their checkpoint move are one transaction. A crash of the machine may undo the
 * newest transactions, each as a whole. Several processes may use the same file.
 */
export class SqliteDocumentStore implements DocumentStore {
  readonly #db: DatabaseSync;
  readonly #collections: KnownCollections;

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'normal', migrations: documentMigrations, cacheMiB: 64 });
    this.#collections = new KnownCollections(this.#db);
  }

  async ensure(collections: readonly CollectionSpec[]): Promise<void> {
    this.#attempt([], () =>
      inTransaction(this.#db, () => {
        for (const collection of collections) ensureCollection(this.#db, collection);
      }),
    );
  }

  async drop(collections: readonly string[]): Promise<void> {
    this.#attempt([], () =>
      inTransaction(this.#db, () => {
        for (const name of collections) dropCollection(this.#db, name);
      }),
    );
  }

  async collections(): Promise<readonly string[]> {
    return this.#attempt([], () => readNames(this.#db));
  }

  async expose(name: string, collection: CollectionSpec): Promise<void> {
    this.#attempt([collection.name], () =>
      inTransaction(this.#db, () => {
        this.#collections.of(collection.name);
        makeView(this.#db, name, collection);
      }),
    );
  }

  async get<Body extends object>(collection: string, id: string): Promise<Document<Body> | undefined> {
    const [document] = await this.getMany<Body>(collection, [id]);
    return document;
  }

  async getMany<Body extends object>(collection: string, ids: readonly string[]): Promise<readonly Document<Body>[]> {
    return this.#attempt([collection], () => {
      const statement = this.#statement(this.#collections.of(collection).get);
      const rows = [...new Set(ids)].map((id) => statement.get(id) as Row | undefined);
      return rows.filter((row) => row !== undefined).map((row) => toDocument<Body>(row));
    });
  }

  async find<Body extends object>(collection: string, query: IndexQuery): Promise<readonly Document<Body>[]> {
    return this.#attempt([collection], () => {
      const { source, order, values } = sqlRange(this.#collections.of(collection).spec, query);
      const statement = this.#statement(findSql(source, order(query.reverse ? 'desc' : 'asc')));
      const rows = statement.all(...values, limitOf(query)) as unknown as Row[];
      return rows.map((row) => toDocument<Body>(row));
    });
  }

  async count(collection: string, range: IndexRange): Promise<number> {
    return this.#attempt([collection], () => {
      const { source, values } = sqlRange(this.#collections.of(collection).spec, range);
      return Number(this.#statement(countSql(source)).get(...values)!['number']);
    });
  }

  async commit(writes: readonly Write[], move?: CheckpointMove): Promise<boolean> {
    const names = [...new Set(writes.map(({ collection }) => collection))];
    return this.#attempt(names, () =>
      inTransaction(this.#db, () => {
        if (move && !moveCheckpoint(this.#collections.statements, move)) return false;
        for (const write of newestWrites(writes)) {
          const collection = this.#collections.of(write.collection);
          this.#statement(collection.upsert).run(...rowOf(collection, write));
        }
        return true;
      }),
    );
  }

  async checkpoint(name: string): Promise<Position | undefined> {
    return (await this.checkpoints([name])).get(name);
  }

  async checkpoints(names: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    return this.#attempt([], () => readCheckpoints(this.#collections.statements, names));
  }

  async checkpointsStarting(prefix: string): Promise<ReadonlyMap<string, Position>> {
    return this.#attempt([], () => readCheckpointsStarting(this.#collections.statements, prefix));
  }

  async dropCheckpoints(names: readonly string[]): Promise<void> {
    this.#attempt([], () => inTransaction(this.#db, () => forgetCheckpoints(this.#collections.statements, names)));
  }

  /** How SQLite goes about a query; about counting the range when there is no limit. */
  explain(collection: string, query: IndexRange & Partial<IndexQuery>): readonly string[] {
    const { source, order, values } = sqlRange(this.#collections.of(collection).spec, query);
    const counted = query.limit === undefined;
    const sql = counted ? countSql(source) : findSql(source, order(query.reverse ? 'desc' : 'asc'));
    const bound = counted ? values : [...values, query.limit];
    const steps = this.#db.prepare(`explain query plan ${sql}`).all(...bound);
    return steps.map(({ detail }) => detail as string);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #statement(sql: string) {
    return this.#collections.statements.get(sql);
  }

  #attempt<T>(collections: readonly string[], work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!isDatabaseError(cause)) throw cause;
      const gone = this.#firstGone(collections);
      if (gone !== undefined) throw new UnknownCollection(gone, { cause });
      throw new DocumentStoreUnavailable('The documents could not be read or written', { cause });
    }
  }

  /** Another process may drop a collection between two statements. */
  #firstGone(collections: readonly string[]): string | undefined {
    try {
      return collections.find((name) => !readSpec(this.#db, name));
    } catch {
      return undefined;
    }
  }
}
