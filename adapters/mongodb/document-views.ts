import type { Collection, Db } from 'mongodb';
import type { CollectionSpec } from '../../ports/document-store.ts';
import { checkName } from './known-collection.ts';

interface View {
  readonly _id: string;
  readonly collection: string;
}

const columnsOf = (fields: readonly string[]): Readonly<Record<string, string>> => {
  const odd = fields.find((field) => !/^[A-Za-z]\w*$/.test(field));
  if (odd !== undefined) throw new TypeError(`No column of a view can be named ${odd}`);
  return Object.fromEntries(fields.map((field) => [field, `$body.${field}`]));
};

/** What analysts see: collections under lasting names, with the fields of the body as columns. */
export class DocumentViews {
  readonly #db: Db;
  readonly #views: Collection<View>;
  readonly #collections: Collection<{ _id: string }>;

  constructor(db: Db) {
    this.#db = db;
    this.#views = db.collection('parley:views');
    this.#collections = db.collection('parley:collections');
  }

  /** In place of the view that had the name before. */
  async show(name: string, { name: collection, fields }: CollectionSpec): Promise<void> {
    checkName(name);
    const columns = columnsOf(fields);
    if (await this.#collections.findOne({ _id: name })) {
      throw new TypeError(`View ${name} cannot stand beside the collection ${name}`);
    }
    await this.#views.updateOne({ _id: name }, { $set: { collection } }, { upsert: true });
    await this.#db.dropCollection(name).catch(() => {});
    await this.#db.createCollection(name, {
      viewOn: collection,
      pipeline: [{ $match: { body: { $exists: true } } }, { $project: { _id: 1, ...columns } }],
    });
  }

  async dropThoseOf(collection: string): Promise<void> {
    for (const { _id } of await this.#views.find({ collection }).toArray()) {
      await this.#db.dropCollection(_id).catch(() => {});
      await this.#views.deleteOne({ _id, collection });
    }
  }
}
