import type { DomainEvent } from '../domain/catalog.ts';
import type { CollectionSpec } from '../ports/document-store.ts';
import type { Position, Revision } from '../ports/event-store.ts';

/** Where a decoded event stands. */
export interface Place {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
}

export interface LoggedEvent extends Place {
  readonly event: DomainEvent;
  /** The actor's user id, or `system`. */
  readonly actorId: string;
}

/** A document's address within one projection: the collection by its short name, and its id. */
export interface Key {
  readonly collection: string;
  readonly id: string;
}

/** A collection of a projection, by its short name; the build's name is put before it in the store. */
export type CollectionShape = Omit<CollectionSpec, 'name'>;

/** How one read model follows from events. Both functions are pure, so a rebuild gives what live processing gave. */
export interface Projection {
  readonly name: string;
  /** Raise it when the outcome changes: the new version builds beside the old one and then takes its place. */
  readonly version: number;
  readonly collections: Readonly<Record<string, CollectionShape>>;
  /** The documents this event may change. */
  readonly touches: (event: DomainEvent, place: Place) => readonly Key[];
  /** The document at `key` after the event, from itself and the event alone; undefined when there is none. */
  readonly evolve: (document: object | undefined, event: DomainEvent, place: Place, key: Key) => object | undefined;
}

/** A position as text of equal length, so that text order is log order. */
export const positionKey = (position: Position): string => position.toString().padStart(20, '0');
export const fromPositionKey = (key: string): Position => BigInt(key);
