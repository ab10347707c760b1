import type { Document } from '../../../ports/document-store.ts';
import { addressOf, foldEvents, touchedBy } from '../../../projections/fold.ts';
import type { LoggedEvent, Projection } from '../../../projections/projection.ts';

/** What a projection makes of the events, by collection and id, in memory. */
export const project = (
  projection: Projection,
  events: readonly LoggedEvent[],
  known: ReadonlyMap<string, Document> = new Map(),
): ReadonlyMap<string, Document> => {
  const documents = new Map(known);
  const touched = events.map((event) => touchedBy(projection, event));
  for (const { collection, id, position, body } of foldEvents(projection, known, touched)) {
    if (body === undefined) documents.delete(addressOf({ collection, id }));
    else documents.set(addressOf({ collection, id }), { id, position, body });
  }
  return documents;
};

/** The bodies of one collection, by id. */
export const bodiesOf = (documents: ReadonlyMap<string, Document>, collection: string): Record<string, object> =>
  Object.fromEntries(
    [...documents]
      .filter(([address]) => address.startsWith(`${collection}/`))
      .map(([, { id, body }]) => [id, body] as const),
  );
