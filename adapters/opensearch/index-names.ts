/**
 * Names of indexes have no capitals; names of ours have no plus sign. Everything is written and read by an alias, which
 * must be there: a write by an index's own name would make a dropped index again, without its mapping.
 */
const lowered = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`);

const checked = (name: string): string => {
  if (/^[\w.-]{1,100}$/.test(name)) return name;
  throw new TypeError(`No collection can be named ${name}`);
};

export interface IndexNames {
  /** Of a collection, or of a lasting name. */
  readonly alias: (collection: string) => string;
  readonly index: (collection: string) => string;
  /** All indexes, and perhaps some of other prefixes that begin with this one. */
  readonly pattern: string;
  readonly checkpoints: { readonly alias: string; readonly index: string };
}

export const indexNames = (prefix: string): IndexNames => {
  const alias = (collection: string): string => `${prefix}-${lowered(checked(collection))}`;
  return {
    alias,
    index: (collection) => `${alias(collection)}+index`,
    pattern: `${prefix}-*+index`,
    checkpoints: { alias: `${prefix}+checkpoints`, index: `${prefix}+checkpoints+index` },
  };
};
