import type { Document, DocumentStore } from '../ports/document-store.ts';
import { addressOf } from './fold.ts';
import type { Projection } from './projection.ts';

const pageLength = 500;

/** Every document of a build, by the address it has in every build: equal builds have equal contents. */
export const contentsOf = async (
  documents: DocumentStore,
  projection: Projection,
  build: string,
): Promise<ReadonlyMap<string, Document>> => {
  const contents = new Map<string, Document>();
  for (const [collection, { indexes }] of Object.entries(projection.collections)) {
    // Its values are unique, as those of the first index of every collection.
    const index = indexes.find(({ sparse }) => sparse !== true);
    if (index === undefined) throw new TypeError(`${projection.name}.${collection} has no index that holds everything`);
    for (let last: Document | undefined; ;) {
      const beyond =
        last && index.fields.map((field) => (last!.body as Readonly<Record<string, never>>)[field] ?? null);
      const page: readonly Document[] = await documents.find(`${build}.${collection}`, {
        index: index.name,
        equal: [],
        ...(beyond !== undefined && { greaterThan: beyond }),
        limit: pageLength,
      });
      for (const document of page) contents.set(addressOf({ collection, id: document.id }), document);
      last = page.at(-1);
      if (page.length < pageLength) break;
    }
  }
  return contents;
};
