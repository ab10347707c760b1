import type { Position } from './event-store.ts';

/** A value that an index can hold. Order: null, then booleans, numbers, then text by its UTF-8 bytes. */
export type Scalar = string | number | boolean | null;

export interface IndexSpec {
  readonly name: string;
  /** Top-level fields of the body, in order. */
  readonly fields: readonly [string, ...string[]];
  /** Holds only documents that have a value other than null in every field. */
  readonly sparse?: boolean;
}

/** The documents of one kind of one read model build. */
export interface CollectionSpec {
  /** Letters, digits, `.`, `-`, `_`. */
  readonly name: string;
  /** Top-level fields, as an analyst sees them as columns. */
  readonly fields: readonly string[];
  readonly indexes: readonly IndexSpec[];
}

export interface Document<Body extends object = object> {
  readonly id: string;
  /** Of the last event that changed it. */
  readonly position: Position;
  readonly body: Body;
}

/** One change to one document; no body removes it. Applied only if `position` is newer than the document's own. */
export interface Write {
  readonly collection: string;
  readonly id: string;
  readonly position: Position;
  readonly body?: object | undefined;
}

/**
 * A range of one index: the first fields equal to `equal`, and the fields after them, compared as one tuple, beyond
 * or up to the bounds. Results come in index order; `reverse` turns it round.
 */
export interface IndexRange {
  readonly index: string;
  readonly equal: readonly Scalar[];
  readonly greaterThan?: readonly Scalar[];
  readonly atLeast?: readonly Scalar[];
  readonly lessThan?: readonly Scalar[];
  readonly atMost?: readonly Scalar[];
}
export interface IndexQuery extends IndexRange {
  readonly reverse?: boolean;
  readonly limit: number;
}

/** A named number that moves by compare-and-set. */
export interface CheckpointMove {
  readonly name: string;
  /** Where the mover believes it stands; undefined when it does not exist yet. */
  readonly from: Position | undefined;
  readonly to: Position;
}

/** The store cannot be reached or failed; the outcome of a write is unknown, and repeating it is safe. */
export class DocumentStoreUnavailable extends Error {
  override readonly name = 'DocumentStoreUnavailable';
}

/** The collection does not exist: never made, or dropped. */
export class UnknownCollection extends Error {
  override readonly name = 'UnknownCollection';
  readonly collection: string;
  constructor(collection: string, options?: ErrorOptions) {
    super(`There is no collection ${collection}`, options);
    this.collection = collection;
  }
}

/**
 * What projections build in. Reads and writes of a collection that does not exist throw `UnknownCollection`. A spec, a
 * query or a value that cannot be right throws TypeError.
 */
export interface ProjectedStore extends AsyncDisposable {
  /** Makes the collections and their indexes where they are missing. */
  ensure(collections: readonly CollectionSpec[]): Promise<void>;
  /** Removes collections with all they hold; missing ones are fine. */
  drop(collections: readonly string[]): Promise<void>;
  /** Names of all collections there are. */
  collections(): Promise<readonly string[]>;
  /** Shows a collection to analysts under a lasting name, where the product can: a view with the spec's fields as columns. */
  expose(name: string, collection: CollectionSpec): Promise<void>;

  /** Those that exist, in no particular order, each once. */
  getMany<Body extends object>(collection: string, ids: readonly string[]): Promise<readonly Document<Body>[]>;

  /**
   * Applies the writes, then moves the checkpoint; false when someone else has moved it (fenced). Where the product
   * can, both happen at once or not at all; elsewhere a crash between the two repeats writes, which changes nothing.
   * Only the newest write of an id in one call counts.
   */
  commit(writes: readonly Write[], move?: CheckpointMove): Promise<boolean>;
  checkpoint(name: string): Promise<Position | undefined>;
  /** All whose names start so. */
  checkpointsStarting(prefix: string): Promise<ReadonlyMap<string, Position>>;
  /** Those that exist, by their names; with one question, however many. */
  checkpoints(names: readonly string[]): Promise<ReadonlyMap<string, Position>>;
  /** Forgets checkpoints; missing ones are fine. */
  dropCheckpoints(names: readonly string[]): Promise<void>;
}

/** Documents that are read by id and by ranges of their indexes. */
export interface DocumentStore extends ProjectedStore {
  get<Body extends object>(collection: string, id: string): Promise<Document<Body> | undefined>;
  find<Body extends object>(collection: string, query: IndexQuery): Promise<readonly Document<Body>[]>;
  /** How many documents lie in the range. */
  count(collection: string, range: IndexRange): Promise<number>;
}
