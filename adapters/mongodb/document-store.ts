import { Long, type Collection } from 'mongodb';
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
import { Attempts, codeOf, isDuplicate } from './attempts.ts';
import type { MongoConnection } from './connection.ts';
import { KnownCollections } from './document-collections.ts';
import { keyRange } from './document-keys.ts';
import { storedRow, toDocument, type Stored } from './document-rows.ts';
import { DocumentViews } from './document-views.ts';
import { indexName, type Known } from './known-collection.ts';
import { newestWrites } from '../newest-writes.ts';
import { replaceOlder } from './newest-wins.ts';

interface Checkpoint {
  readonly _id: string;
  readonly position: bigint | Long;
}

interface Search {
  readonly documents: Collection<Stored>;
  readonly filter: object;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly hint: string;
}

const badValue = 2;
const largestPage = 1_000;
const sameOnce = { isRepeatable: false } as const;

const limitOf = ({ limit }: IndexQuery): number => {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new TypeError(`A limit cannot be ${limit}`);
  return limit;
};

/**
 * Documents in one MongoDB database, a collection for each of ours: the body under `body` with its own field names,
 * and beside it what its indexes are made of. Writes are guarded by position one by one and acknowledged by a
 * majority; then the checkpoint moves. Several processes may use the same database.
 */
export class MongoDocumentStore implements DocumentStore {
  readonly #collections: KnownCollections;
  readonly #views: DocumentViews;
  readonly #checkpoints: Collection<Checkpoint>;
  readonly #attempts: Attempts;

  constructor({ main, watch }: MongoConnection) {
    this.#collections = new KnownCollections(main);
    this.#views = new DocumentViews(main);
    this.#checkpoints = main.collection('parley:checkpoints');
    this.#attempts = new Attempts(
      watch,
      (cause) => new DocumentStoreUnavailable('The documents could not be read or written', { cause }),
    );
  }

  ensure(collections: readonly CollectionSpec[]): Promise<void> {
    return this.#attempts.run(async () => {
      for (const collection of collections) await this.#collections.ensure(collection);
    });
  }

  drop(collections: readonly string[]): Promise<void> {
    return this.#attempts.run(async () => {
      for (const name of collections) {
        await this.#views.dropThoseOf(name);
        await this.#collections.drop(name);
      }
    });
  }

  collections(): Promise<readonly string[]> {
    return this.#attempts.run(() => this.#collections.names());
  }

  expose(name: string, collection: CollectionSpec): Promise<void> {
    return this.#attempts.run(async () => {
      await this.#collections.now([collection.name]);
      await this.#views.show(name, collection);
    });
  }

  async get<Body extends object>(collection: string, id: string): Promise<Document<Body> | undefined> {
    const [document] = await this.getMany<Body>(collection, [id]);
    return document;
  }

  getMany<Body extends object>(collection: string, ids: readonly string[]): Promise<readonly Document<Body>[]> {
    return this.#attempts.run(async () => {
      await this.#collections.of(collection);
      const filter = { _id: { $in: [...new Set(ids)] }, body: { $exists: true } };
      const found = await this.#collections.documents(collection).find(filter).toArray();
      if (found.length === 0) await this.#collections.now([collection]);
      return found.map((stored) => toDocument<Body>(stored));
    });
  }

  find<Body extends object>(collection: string, query: IndexQuery): Promise<readonly Document<Body>[]> {
    return this.#attempts.run(async () => {
      const limit = limitOf(query);
      const found = await this.#search(collection, query, async ({ documents, filter, sort, hint }) =>
        limit === 0
          ? []
          : await documents
              .find(filter, { sort, hint, limit, batchSize: Math.min(limit, largestPage), projection: { keys: 0 } })
              .toArray(),
      );
      if (found.length === 0) await this.#collections.now([collection]);
      return found.map((stored) => toDocument<Body>(stored));
    });
  }

  count(collection: string, range: IndexRange): Promise<number> {
    return this.#attempts.run(async () => {
      const number = await this.#search(collection, range, ({ documents, filter, hint }) =>
        documents.countDocuments(filter, { hint }),
      );
      if (number === 0) await this.#collections.now([collection]);
      return number;
    });
  }

  async commit(writes: readonly Write[], move?: CheckpointMove): Promise<boolean> {
    const newest = newestWrites(writes);
    await this.#attempts.run(() => this.#write(newest));
    return move ? await this.#attempts.run(() => this.#move(move), sameOnce) : true;
  }

  async checkpoint(name: string): Promise<Position | undefined> {
    return (await this.checkpoints([name])).get(name);
  }

  checkpoints(names: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    return this.#attempts.run(async () => {
      const found = await this.#checkpoints.find({ _id: { $in: [...names] } }).toArray();
      return new Map(found.map(({ _id, position }) => [_id, BigInt(position.toString())]));
    });
  }

  checkpointsStarting(prefix: string): Promise<ReadonlyMap<string, Position>> {
    return this.#attempts.run(async () => {
      const found = await this.#checkpoints.find({ _id: { $gte: prefix } }).toArray();
      const named = found.filter(({ _id }) => _id.startsWith(prefix));
      return new Map(named.map(({ _id, position }) => [_id, BigInt(position.toString())]));
    });
  }

  async dropCheckpoints(names: readonly string[]): Promise<void> {
    await this.#attempts.run(() => this.#checkpoints.deleteMany({ _id: { $in: [...names] } }));
  }

  /** How MongoDB goes about a query, in its own words. */
  explain(collection: string, query: IndexQuery): Promise<unknown> {
    return this.#attempts.run(() =>
      this.#search(collection, query, ({ documents, filter, sort, hint }) =>
        documents.find(filter, { sort, hint, limit: query.limit }).explain(),
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#attempts.close();
  }

  /** Another process may have changed the indexes since, or dropped the collection. */
  async #search<T>(collection: string, range: IndexRange, work: (search: Search) => Promise<T>): Promise<T> {
    const known = await this.#collections.of(collection);
    const attempt = (index: Known['indexes'][number]): Promise<T> => {
      const { from, below } = keyRange(index, range);
      const field = `keys.${index.key}`;
      return work({
        documents: this.#collections.documents(collection),
        filter: { [field]: { $gte: from, $lt: below } },
        sort: { [field]: (range as Partial<IndexQuery>).reverse ? -1 : 1 },
        hint: indexName(index),
      });
    };
    const indexOf = ({ indexes }: Known) => indexes.find(({ name }) => name === range.index);
    const index = indexOf(known);
    try {
      if (index) return await attempt(index);
    } catch (error) {
      if (codeOf(error) !== badValue) throw error;
    }
    const now = (await this.#collections.now([collection])).get(collection)!;
    const present = indexOf(now);
    if (!present) throw new TypeError(`Collection ${collection} has no index ${range.index}`);
    return await attempt(present);
  }

  async #write(writes: ReadonlyMap<string, readonly Write[]>): Promise<void> {
    const names = [...writes.keys()];
    if (names.length === 0) return;
    const known = await Promise.all(names.map((name) => this.#collections.of(name)));
    const rows = known.map((collection) =>
      writes.get(collection._id)!.map((write) => {
        const replacement = storedRow(collection, write);
        return { id: write.id, isOlder: { position: { $lt: replacement.position } }, replacement };
      }),
    );
    await Promise.all(known.map(({ _id }, i) => replaceOlder(this.#collections.documents(_id), rows[i]!)));
    await this.#confirm(known, (name) => writes.get(name)!.map(({ id }) => id));
  }

  /** Whether the collections still were what the writes took them for; if not, makes good what came of it. */
  async #confirm(written: readonly Known[], idsOf: (name: string) => readonly string[]): Promise<void> {
    const names = written.map(({ _id }) => _id);
    const present = await this.#collections.present(names);
    const gone = names.filter((name) => !present.has(name));
    for (const name of gone) await this.#collections.dropLeftover(name);
    if (gone.length > 0) throw new UnknownCollection(gone[0]!);
    for (const { _id: name, version } of written) {
      const now = present.get(name)!;
      if (now.version !== version) await this.#collections.fill(now, idsOf(name));
    }
  }

  async #move({ name, from, to }: CheckpointMove): Promise<boolean> {
    const position = Long.fromBigInt(to);
    if (from !== undefined) {
      const there = { _id: name, position: Long.fromBigInt(from) };
      return (await this.#checkpoints.updateOne(there, { $set: { position } })).matchedCount === 1;
    }
    try {
      await this.#checkpoints.insertOne({ _id: name, position });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}
