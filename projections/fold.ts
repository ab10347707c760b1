import type { Document, Write } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import { ProjectionFailed } from './projection-errors.ts';
import type { Key, LoggedEvent, Projection } from './projection.ts';

export interface Touched {
  readonly logged: LoggedEvent;
  /** Each once: an event changes a document at one stroke. */
  readonly keys: readonly Key[];
  /** The projection could not even tell the documents. */
  readonly failure?: ProjectionFailed;
}

export const addressOf = ({ collection, id }: Key): string => `${collection}/${id}`;

export const touchedBy = (projection: Projection, logged: LoggedEvent): Touched => {
  try {
    const keys = new Map(projection.touches(logged.event, logged).map((key) => [addressOf(key), key]));
    return { logged, keys: [...keys.values()] };
  } catch (error) {
    return { logged, keys: [], failure: new ProjectionFailed(logged, logged.event.type, error) };
  }
};

interface Held {
  readonly position: Position;
  readonly body: object | undefined;
}

/**
 * The last state of every document that the events change, as one write each, by the short name of its collection. An
 * event that a document has already seen is passed over. `known` has the documents as stored, by their address.
 * Throws `ProjectionFailed`.
 */
export const foldEvents = (
  projection: Projection,
  known: ReadonlyMap<string, Document>,
  events: readonly Touched[],
): readonly Write[] => {
  const documents = new Map<string, Held>(known);
  const changed = new Map<string, Write>();
  for (const { logged, keys, failure } of events) {
    if (failure !== undefined) throw failure;
    for (const key of keys) {
      const address = addressOf(key);
      const before = documents.get(address);
      if (before !== undefined && before.position >= logged.position) continue;
      const body = evolved(projection, before?.body, logged, key);
      if (body === before?.body) continue;
      documents.set(address, { position: logged.position, body });
      changed.set(address, { collection: key.collection, id: key.id, position: logged.position, body });
    }
  }
  return [...changed.values()];
};

const evolved = (
  projection: Projection,
  body: object | undefined,
  logged: LoggedEvent,
  key: Key,
): object | undefined => {
  try {
    return projection.evolve(body, logged.event, logged, key);
  } catch (error) {
    throw new ProjectionFailed(logged, logged.event.type, error);
  }
};
