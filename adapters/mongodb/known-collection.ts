import type { CollectionSpec, IndexSpec } from '../../ports/document-store.ts';

/** An index with the field of `keys` that holds its entries; a changed index gets another field. */
export interface KeyedIndex extends IndexSpec {
  readonly key: string;
}

/** What a collection is. Its version goes up with every change. */
export interface Known {
  readonly _id: string;
  readonly version: number;
  /** Version up to which the documents that were there have their index entries. */
  readonly filled: number;
  readonly nextKey: number;
  readonly fields: readonly string[];
  readonly indexes: readonly KeyedIndex[];
  /** It is being dropped: for all others it is gone already. */
  readonly dropped: boolean;
}

export const indexName = ({ name, key }: KeyedIndex): string => `${name}:${key}`;

export const checkName = (name: string): void => {
  const isFine = /^[\w-](?:[\w.-]*[\w-])?$/.test(name) && !name.includes('..') && !name.startsWith('system.');
  if (!isFine || name.length > 200) throw new TypeError(`No collection can be named ${name}`);
};

export const checkSpec = ({ name, indexes }: CollectionSpec): void => {
  checkName(name);
  if (new Set(indexes.map((index) => index.name)).size === indexes.length) return;
  throw new TypeError(`Collection ${name} has two indexes of the same name`);
};

export const newCollection = ({ name, fields, indexes }: CollectionSpec): Known => ({
  _id: name,
  version: 1,
  filled: 1,
  nextKey: indexes.length,
  fields,
  indexes: indexes.map((index, i): KeyedIndex => Object.assign({ key: `k${i}` }, index)),
  dropped: false,
});

const sameIndex = (a: IndexSpec, b: IndexSpec): boolean =>
  JSON.stringify([a.name, a.fields, a.sparse ?? false]) === JSON.stringify([b.name, b.fields, b.sparse ?? false]);

/** The collection with what the spec adds; the same object when it adds nothing. */
export const completed = (known: Known, { fields, indexes }: CollectionSpec): Known => {
  const wanted = indexes.filter((index) => !known.indexes.some((old) => sameIndex(old, index)));
  if (wanted.length === 0) return known;
  const kept = known.indexes.filter(({ name }) => !wanted.some((index) => index.name === name));
  const made = wanted.map((index, i): KeyedIndex => Object.assign({ key: `k${known.nextKey + i}` }, index));
  return {
    ...known,
    version: known.version + 1,
    nextKey: known.nextKey + made.length,
    fields,
    indexes: [...kept, ...made],
  };
};
