import { UnknownCollection } from '../../ports/document-store.ts';
import type { OpenSearchConnection } from './connection.ts';
import { isAlreadyThere, isNotFound } from './failures.ts';
import type { IndexNames } from './index-names.ts';
import { collectionIndex, isRemoved, type CollectionMeta } from './index-shape.ts';

/** A merge of everything may take its time; what asked for it waits for nothing else. */
const mergeMs = 600_000;

/** The indexes of one prefix, each under the alias by which it is written and read. */
export class Indexes {
  readonly #connection: OpenSearchConnection;
  readonly #names: IndexNames;

  constructor(connection: OpenSearchConnection, names: IndexNames) {
    this.#connection = connection;
    this.#names = names;
  }

  async make(collection: string): Promise<void> {
    const { client, prefix, timeouts } = this.#connection;
    const { alias, index } = this.#names;
    const body = { ...collectionIndex({ prefix, collection }), aliases: { [alias(collection)]: {} } };
    try {
      await client.indices.create({ index: index(collection), body }, { requestTimeout: timeouts.writeMs });
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
    }
  }

  async drop(collection: string): Promise<void> {
    const { client, timeouts } = this.#connection;
    try {
      await client.indices.delete({ index: this.#names.index(collection) }, { requestTimeout: timeouts.writeMs });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async collections(): Promise<readonly string[]> {
    const { client, prefix } = this.#connection;
    const { body } = await client.indices.getMapping({ index: this.#names.pattern });
    return Object.values(body).flatMap(({ mappings }) => {
      const meta = mappings._meta?.['parley'] as CollectionMeta | undefined;
      return meta?.prefix === prefix ? [meta.collection] : [];
    });
  }

  /** Points the lasting name to the collection, and no more to any other, in one step. */
  async expose(name: string, collection: string): Promise<void> {
    const { client } = this.#connection;
    const { alias, index, pattern } = this.#names;
    const lasting = alias(name);
    const actions = [
      { remove: { index: pattern, alias: lasting, must_exist: false } },
      { add: { index: index(collection), alias: lasting, filter: { bool: { must_not: [isRemoved] } } } },
    ];
    try {
      await client.indices.updateAliases({ body: { actions } });
    } catch (error) {
      throw isNotFound(error) ? new UnknownCollection(collection) : error;
    }
  }

  async refresh(collection: string): Promise<void> {
    await this.#connection.client.indices.refresh({ index: this.#names.alias(collection) });
  }

  /** Rewrites the parts of the index that hold something removed; false when some of it has to be kept for now. */
  async forget(collection: string): Promise<boolean> {
    const { client } = this.#connection;
    const index = this.#names.alias(collection);
    try {
      await client.indices.flush({ index }, { requestTimeout: mergeMs });
      await client.indices.forcemerge({ index, only_expunge_deletes: true }, { requestTimeout: mergeMs });
      const { body } = await client.indices.stats({ index, metric: 'docs' });
      return body._all.primaries?.docs?.deleted === 0;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }
}
