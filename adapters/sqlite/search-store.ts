import type { DatabaseSync } from 'node:sqlite';
import {
  DocumentStoreUnavailable,
  UnknownCollection,
  type CheckpointMove,
  type CollectionSpec,
  type Document,
  type Write,
} from '../../ports/document-store.ts';
import type { Position } from '../../ports/event-store.ts';
import type {
  FacetCount,
  SearchDocument,
  SearchHit,
  SearchQuery,
  SearchResult,
  SearchStore,
} from '../../ports/search-store.ts';
import { forgetCheckpoints, moveCheckpoint, readCheckpoints, readCheckpointsStarting } from './checkpoints.ts';
import { inTransaction, isDatabaseError, openDatabase, Statements } from './database.ts';
import { newestWrites } from './newest-writes.ts';
import { unpackId, type PackedId } from './search-keys.ts';
import { isEmptyQuery, rowKind, searchSql, type SearchSql } from './search-query.ts';
import { SearchReader } from './search-reader.ts';
import { collectionNames, dropCollection, hasCollection, makeCollection, searchMigrations } from './search-schema.ts';
import { readDocuments, writeDocument } from './search-writes.ts';

/** How long the write-ahead log may still hold what was removed or replaced. */
const forgetWithinMs = 1_000;

interface Row {
  readonly kind: bigint;
  readonly id: PackedId;
  readonly group: PackedId;
  readonly author: PackedId;
  readonly at: bigint;
  readonly seq: bigint;
}

/**
 * Search in one SQLite file, or in memory with `:memory:`, by FTS5; a table and a full-text index for each collection.
 * Writes and their checkpoint move are one transaction. A crash of the machine may undo the newest transactions, each
 * as a whole. What is removed or replaced is overwritten on disk. A file is searched in a thread of its own. Several
 * processes may use the same file.
 */
export class SqliteSearchStore implements SearchStore {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  /** What is in memory only this thread can read. */
  readonly #reader: SearchReader | undefined;
  #forgetting: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'normal', migrations: searchMigrations, cacheMiB: 64 });
    this.#db.exec('pragma secure_delete = on; pragma temp_store = memory');
    this.#statements = new Statements(this.#db);
    this.#reader = path === ':memory:' ? undefined : new SearchReader(path);
    // What a process that crashed has not come to.
    this.#forgetSoon();
  }

  async ensure(collections: readonly CollectionSpec[]): Promise<void> {
    this.#attempt(() =>
      inTransaction(this.#db, () => {
        for (const { name } of collections) makeCollection(this.#db, name);
      }),
    );
  }

  async drop(collections: readonly string[]): Promise<void> {
    this.#attempt(() =>
      inTransaction(this.#db, () => {
        for (const name of collections) dropCollection(this.#db, name);
      }),
    );
    this.#statements.clear();
    this.#forgetSoon();
  }

  async collections(): Promise<readonly string[]> {
    return this.#attempt(() => collectionNames(this.#db));
  }

  /** The index is of no use to analysts: there is nothing to show. */
  async expose(_name: string, collection: CollectionSpec): Promise<void> {
    this.#attempt(() => this.#mustHave(collection.name));
  }

  async getMany<Body extends object>(collection: string, ids: readonly string[]): Promise<readonly Document<Body>[]> {
    return this.#attempt(
      () => readDocuments(this.#statements, collection, ids),
      [collection],
    ) as readonly Document<Body>[];
  }

  async commit(writes: readonly Write[], move?: CheckpointMove): Promise<boolean> {
    const names = [...new Set(writes.map(({ collection }) => collection))];
    let forgets = false;
    const moved = this.#attempt(
      () =>
        inTransaction(this.#db, () => {
          if (move && !moveCheckpoint(this.#statements, move)) return false;
          for (const write of newestWrites(writes)) {
            const replaced = writeDocument(this.#statements, write as Write & { readonly body?: SearchDocument });
            forgets ||= replaced;
          }
          return true;
        }),
      names,
    );
    if (forgets) this.#forgetSoon();
    return moved;
  }

  async checkpoint(name: string): Promise<Position | undefined> {
    return (await this.checkpoints([name])).get(name);
  }

  async checkpoints(names: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    return this.#attempt(() => readCheckpoints(this.#statements, names));
  }

  async checkpointsStarting(prefix: string): Promise<ReadonlyMap<string, Position>> {
    return this.#attempt(() => readCheckpointsStarting(this.#statements, prefix));
  }

  async dropCheckpoints(names: readonly string[]): Promise<void> {
    this.#attempt(() => inTransaction(this.#db, () => forgetCheckpoints(this.#statements, names)));
  }

  async search(collection: string, query: SearchQuery): Promise<SearchResult> {
    this.#attempt(() => this.#mustHave(collection));
    if (isEmptyQuery(query)) return { hits: [], groups: [], authors: [] };
    return resultOf((await this.#read(collection, searchSql(collection, query))) as readonly Row[]);
  }

  /** How SQLite goes about a query. */
  explain(collection: string, query: SearchQuery): readonly string[] {
    const { sql, values } = searchSql(collection, query);
    return this.#db
      .prepare(`explain query plan ${sql}`)
      .all(...values)
      .map(({ detail }) => detail as string);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#forgetting);
    await this.#reader?.[Symbol.asyncDispose]();
    if (this.#db.isOpen) this.#db.close();
  }

  async #read(collection: string, statement: SearchSql): Promise<readonly object[]> {
    if (this.#reader === undefined) {
      return this.#attempt(() => this.#db.prepare(statement.sql).all(...statement.values), [collection]);
    }
    try {
      return await this.#reader.all(statement);
    } catch (error) {
      if (error instanceof DocumentStoreUnavailable && this.#firstGone([collection]) !== undefined) {
        throw new UnknownCollection(collection, { cause: error });
      }
      throw error;
    }
  }

  #mustHave(collection: string): void {
    if (!hasCollection(this.#db, collection)) throw new UnknownCollection(collection);
  }

  /** Empties the write-ahead log, which holds pages as they were; while somebody reads from it, a little later. */
  #forgetSoon(): void {
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = undefined;
      if (!this.#db.isOpen) return;
      try {
        const outcome = this.#db.prepare('pragma wal_checkpoint(truncate)').get();
        if (outcome?.['busy'] !== 0n) this.#forgetSoon();
      } catch (error) {
        if (!isDatabaseError(error)) throw error;
        this.#forgetSoon();
      }
    }, forgetWithinMs).unref();
  }

  #attempt<T>(work: () => T, collections: readonly string[] = []): T {
    try {
      return work();
    } catch (cause) {
      if (!isDatabaseError(cause)) throw cause;
      this.#statements.clear();
      const gone = this.#firstGone(collections);
      if (gone !== undefined) throw new UnknownCollection(gone, { cause });
      throw new DocumentStoreUnavailable('The search index could not be read or written', { cause });
    }
  }

  /** Another process may drop a collection between two statements. */
  #firstGone(collections: readonly string[]): string | undefined {
    try {
      return collections.find((name) => !hasCollection(this.#db, name));
    } catch {
      return undefined;
    }
  }
}

const facetOf = (rows: readonly Row[], kind: bigint): readonly FacetCount[] =>
  rows.filter((row) => row.kind === kind).map(({ id, at }) => ({ value: unpackId(id), count: Number(at) }));

const resultOf = (rows: readonly Row[]): SearchResult => ({
  hits: rows
    .filter(({ kind }) => kind === rowKind.hit)
    .map(({ id, group, author, at, seq }): SearchHit => ({
      id: unpackId(id),
      group: unpackId(group),
      author: unpackId(author),
      at: new Date(Number(at)).toISOString(),
      seq: Number(seq),
    })),
  groups: facetOf(rows, rowKind.group),
  authors: facetOf(rows, rowKind.author),
});
