import type { DomainEvent } from '../domain/catalog.ts';
import { parseStream, type ConversationId, type UserId } from '../domain/ids.ts';
import type { CollectionShape, Key, Place, Projection } from './projection.ts';

/** How the documents of one collection follow from events; all of it pure. */
export interface Collection<Body extends object> {
  readonly shape: CollectionShape & { readonly fields: readonly (keyof Body & string)[] };
  /** Ids of the documents this event may change. */
  touches(event: DomainEvent, place: Place): readonly string[];
  /** The document after the event. The very same object says: not changed. */
  evolve(document: Body | undefined, event: DomainEvent, place: Place, id: string): Body | undefined;
}

/** A collection of whatever documents: what they are, only the collection itself needs to know. */
interface AnyCollection extends Pick<Collection<object>, 'touches' | 'evolve'> {
  readonly shape: CollectionShape;
}

/** A projection out of its collections. */
export const compose = ({
  name,
  version,
  collections,
}: {
  readonly name: string;
  readonly version: number;
  readonly collections: Readonly<Record<string, AnyCollection>>;
}): Projection => {
  const entries = Object.entries(collections);
  return {
    name,
    version,
    collections: Object.fromEntries(entries.map(([short, { shape }]) => [short, shape])),
    touches: (event, place) =>
      entries.flatMap(([collection, rules]) => rules.touches(event, place).map((id): Key => ({ collection, id }))),
    evolve: (document, event, place, { collection, id }) => {
      const rules = collections[collection];
      if (rules === undefined) throw new TypeError(`${name} has no collection ${collection}`);
      return rules.evolve(document, event, place, id);
    },
  };
};

/** Id of the conversation, user or pair whose stream this is. */
export const conversationOf = ({ stream }: Place): ConversationId => parseStream(stream).id;
export const userOf = ({ stream }: Place): UserId => parseStream(stream).id;
