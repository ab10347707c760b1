import {
  UnknownCollection,
  type CheckpointMove,
  type CollectionSpec,
  type Document,
  type Write,
} from '../../ports/document-store.ts';
import type { Position } from '../../ports/event-store.ts';
import type { SearchQuery, SearchResult, SearchStore } from '../../ports/search-store.ts';
import { newestWrites } from '../newest-writes.ts';
import { Checkpoints } from './checkpoints.ts';
import { connectOpenSearch, type OpenSearchConnection, type OpenSearchOptions } from './connection.ts';
import { Attempts } from './failures.ts';
import { Forgetting } from './forgetting.ts';
import { FreshIndexes } from './fresh-indexes.ts';
import { indexNames, type IndexNames } from './index-names.ts';
import { Indexes } from './indexes.ts';
import { replaceOlder } from './newest-wins.ts';
import { readMany } from './read-many.ts';
import { resultOf, type SearchAnswer } from './search-answer.ts';
import { searchBody } from './search-query.ts';
import { isThere, toDocument, type Stored } from './stored-document.ts';

export interface OpenSearchStoreOptions extends OpenSearchOptions {
  /** How long what was replaced or removed may lie on disk before it is seen to; default: a minute. */
  readonly forgetAfterMs?: number;
}

const sameOnce = { isRepeatable: false } as const;

/**
 * Search in OpenSearch, an index for each collection. Writes are guarded by position one by one and on disk when
 * acknowledged; then the checkpoint moves. A search sees everything that was acknowledged before it began. Several
 * processes may use the same prefix. Needs no plugins, and opens without a server, too.
 */
export class OpenSearchStore implements SearchStore {
  readonly #connection: OpenSearchConnection;
  readonly #names: IndexNames;
  readonly #indexes: Indexes;
  readonly #checkpoints: Checkpoints;
  readonly #fresh: FreshIndexes;
  readonly #forgetting: Forgetting;
  readonly #attempts = new Attempts();
  readonly #written = new Set<string>();

  constructor({ forgetAfterMs = 60_000, ...options }: OpenSearchStoreOptions) {
    this.#connection = connectOpenSearch(options);
    this.#names = indexNames(this.#connection.prefix);
    this.#indexes = new Indexes(this.#connection, this.#names);
    this.#checkpoints = new Checkpoints(this.#connection, this.#names);
    this.#fresh = new FreshIndexes((collection) => this.#indexes.refresh(collection));
    this.#forgetting = new Forgetting({
      afterMs: forgetAfterMs,
      forget: (collection) => this.#indexes.forget(collection),
    });
  }

  ensure(collections: readonly CollectionSpec[]): Promise<void> {
    return this.#attempts.run(async () => {
      for (const { name } of collections) await this.#indexes.make(name);
    });
  }

  drop(collections: readonly string[]): Promise<void> {
    return this.#attempts.run(async () => {
      for (const name of collections) await this.#indexes.drop(name);
    });
  }

  collections(): Promise<readonly string[]> {
    return this.#attempts.run(() => this.#indexes.collections());
  }

  expose(name: string, { name: collection }: CollectionSpec): Promise<void> {
    return this.#attempts.run(() => this.#indexes.expose(name, collection), { collection });
  }

  getMany<Body extends object>(collection: string, ids: readonly string[]): Promise<readonly Document<Body>[]> {
    return this.#attempts.run(
      async () => {
        const found = await readMany<Stored>(this.#connection, this.#names.alias(collection), ids);
        if (!found) throw new UnknownCollection(collection);
        return found.flatMap(({ _source: stored }) => (isThere(stored) ? [toDocument<Body>(stored)] : []));
      },
      { collection },
    );
  }

  async commit(writes: readonly Write[], move?: CheckpointMove): Promise<boolean> {
    const newest = newestWrites(writes);
    const standing = move && (await this.#attempts.run(() => this.#checkpoints.read([move.name]))).get(move.name);
    if (move && standing?.position !== move.from) return false;
    for (const [collection, ofCollection] of newest) {
      await this.#attempts.run(() => this.#write(collection, ofCollection), { collection });
    }
    return move ? await this.#attempts.run(() => this.#checkpoints.move(move, standing), sameOnce) : true;
  }

  async checkpoint(name: string): Promise<Position | undefined> {
    return (await this.checkpoints([name])).get(name);
  }

  async checkpoints(names: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const standing = await this.#attempts.run(() => this.#checkpoints.read(names));
    return new Map([...standing].map(([name, { position }]) => [name, position]));
  }

  checkpointsStarting(prefix: string): Promise<ReadonlyMap<string, Position>> {
    return this.#attempts.run(() => this.#checkpoints.readStarting(prefix));
  }

  dropCheckpoints(names: readonly string[]): Promise<void> {
    return this.#attempts.run(() => this.#checkpoints.forget(names));
  }

  search(collection: string, query: SearchQuery): Promise<SearchResult> {
    return this.#attempts.run(
      async () => {
        const body = searchBody(query);
        await this.#fresh.fresh(collection);
        const path = `/${encodeURIComponent(this.#names.alias(collection))}/_search`;
        const querystring = { allow_partial_search_results: false };
        const answer = await this.#connection.client.transport.request({ method: 'POST', path, querystring, body });
        return resultOf(answer.body as SearchAnswer);
      },
      { collection },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The driver never answers when it is closed twice.
    if (!this.#attempts.close()) return;
    this.#forgetting[Symbol.dispose]();
    await this.#connection.client.close();
  }

  async #write(collection: string, writes: readonly Write[]): Promise<void> {
    const alias = this.#names.alias(collection);
    const hasReplaced = await replaceOlder({ connection: this.#connection, collection, alias }, writes);
    // What an earlier process replaced may still lie there as well.
    if (hasReplaced || !this.#written.has(collection)) this.#forgetting.soon(collection);
    this.#written.add(collection);
  }
}
