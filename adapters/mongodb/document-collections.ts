import type { Collection, Db } from 'mongodb';
import { UnknownCollection, type CollectionSpec } from '../../ports/document-store.ts';
import { codeOf, isDuplicate } from './attempts.ts';
import { entryKeys, type Stored } from './document-rows.ts';
import { checkSpec, completed, indexName, newCollection, type Known } from './known-collection.ts';

const namespaceNotFound = 26;
const indexNotFound = 27;
const namespaceExists = 48;
const fillPage = 500;

const ignoring = async (code: number, work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (codeOf(error) !== code) throw error;
  }
};

/**
 * The collections as they are, also after another process has changed them. The store's own collections have a colon
 * in their names, so that none of these can be taken for one of them.
 */
export class KnownCollections {
  readonly #db: Db;
  readonly #registry: Collection<Known>;
  readonly #cache = new Map<string, Known>();

  constructor(db: Db) {
    this.#db = db;
    this.#registry = db.collection('parley:collections');
  }

  documents(name: string): Collection<Stored> {
    return this.#db.collection<Stored>(name);
  }

  async names(): Promise<readonly string[]> {
    const known = await this.#registry.find({ dropped: false }, { projection: { _id: 1 } }).toArray();
    return known.map(({ _id }) => _id);
  }

  /** What was known last; asks only for what is not known at all. Throws `UnknownCollection`. */
  async of(name: string): Promise<Known> {
    return this.#cache.get(name) ?? (await this.now([name])).get(name)!;
  }

  /** Those of them that there are, as they are now. */
  async present(names: readonly string[]): Promise<ReadonlyMap<string, Known>> {
    const found = await this.#registry.find({ _id: { $in: [...names] }, dropped: false }).toArray();
    const known = new Map(found.map((each) => [each._id, each]));
    for (const name of names) {
      const present = known.get(name);
      if (present) this.#cache.set(name, present);
      else this.#cache.delete(name);
    }
    return known;
  }

  /** As they are now. Throws `UnknownCollection`. */
  async now(names: readonly string[]): Promise<ReadonlyMap<string, Known>> {
    const present = await this.present(names);
    const gone = names.find((name) => !present.has(name));
    if (gone !== undefined) throw new UnknownCollection(gone);
    return present;
  }

  /** Makes the collection, or what it lacks; indexes that the spec does not name stay. */
  async ensure(spec: CollectionSpec): Promise<void> {
    checkSpec(spec);
    for (;;) {
      const before = await this.#registry.findOne({ _id: spec.name });
      if (before?.dropped) {
        await this.drop(spec.name);
        continue;
      }
      const wanted = before ? completed(before, spec) : newCollection(spec);
      if (!before) await this.#refuseViews(spec.name);
      if (wanted !== before && !(await this.#save(wanted, before))) continue;
      await this.#make(wanted, before?.indexes ?? []);
      return;
    }
  }

  /** Removes it for all others first, so that a crash on the way leaves nothing that looks alive. */
  async drop(name: string): Promise<void> {
    this.#cache.delete(name);
    const { matchedCount } = await this.#registry.updateOne({ _id: name }, { $set: { dropped: true } });
    if (matchedCount === 0) return;
    await this.dropLeftover(name);
    await this.#registry.deleteOne({ _id: name, dropped: true });
  }

  /** What a write after the drop has made anew. */
  async dropLeftover(name: string): Promise<void> {
    await ignoring(namespaceNotFound, this.#db.dropCollection(name));
  }

  /** Gives documents the entries of indexes that are newer than they; all of them, or those with these ids. */
  async fill({ _id: name, version, indexes }: Known, ids?: readonly string[]): Promise<void> {
    const documents = this.documents(name);
    const isOlder = { version: { $lt: version } };
    const among = ids && { $in: [...ids] };
    let place = among && { _id: among };
    for (;;) {
      const page = await documents
        .find({ ...place, ...isOlder })
        .sort({ _id: 1 })
        .limit(fillPage)
        .toArray();
      const updates = page.map(({ _id, position, body }) => ({
        updateOne: {
          filter: { _id, position, ...isOlder },
          update: { $set: { version, ...(body && { keys: entryKeys(body, indexes) }) } },
        },
      }));
      if (updates.length > 0) await documents.bulkWrite(updates, { ordered: false });
      if (page.length < fillPage) return;
      place = { _id: { ...among, $gt: page.at(-1)!._id } } as { _id: { $in: string[] } };
    }
  }

  async #refuseViews(name: string): Promise<void> {
    const view = await this.#db.collection<{ _id: string }>('parley:views').findOne({ _id: name });
    if (view) throw new TypeError(`Collection ${name} cannot stand beside the view ${name}`);
  }

  /** False when another was faster. */
  async #save(wanted: Known, before: Known | null): Promise<boolean> {
    const { _id, ...fields } = wanted;
    if (before) {
      const unchanged = { _id, version: before.version, dropped: false };
      return (await this.#registry.replaceOne(unchanged, fields)).matchedCount === 1;
    }
    try {
      await this.#registry.insertOne(wanted);
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  async #make(known: Known, before: Known['indexes']): Promise<void> {
    const { _id: name, indexes, version, filled } = known;
    await ignoring(namespaceExists, this.#db.createCollection(name));
    const documents = this.documents(name);
    if (indexes.length > 0) {
      await documents.createIndexes(
        indexes.map((index) => ({
          key: { [`keys.${index.key}`]: 1 },
          name: indexName(index),
          partialFilterExpression: { [`keys.${index.key}`]: { $exists: true } },
        })),
      );
    }
    if (filled < version) {
      await this.fill(known);
      await this.#registry.updateOne({ _id: name, version }, { $set: { filled: version } });
    }
    this.#cache.set(name, known);
    const replaced = before.filter(({ key }) => !indexes.some((index) => index.key === key));
    for (const index of replaced) await ignoring(indexNotFound, documents.dropIndex(indexName(index)));
  }
}
