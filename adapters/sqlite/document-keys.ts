import type { Scalar } from '../../ports/document-store.ts';

/**
 * Index values in SQLite. Null and booleans become numbers below all others, because row values that hold SQL's NULL
 * compare as unknown; so NULL is left to mean that the document is removed. No number of a document may come near
 * these.
 */
export type IndexValue = number | bigint | string;

const nullKey = -Infinity;
const falseKey = -1.7e308;
const trueKey = -1.6e308;

/** What `nullKey` is in SQL. */
export const nullLiteral = '-9e999';

const numberKey = (value: number): IndexValue => (Number.isSafeInteger(value) ? BigInt(value) : value);

/** Throws TypeError for what no index can hold. */
export const indexValue = (value: unknown): IndexValue => {
  if (value === null || value === undefined) return nullKey;
  if (typeof value === 'boolean') return value ? trueKey : falseKey;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return numberKey(value);
  throw new TypeError('An index holds text, finite numbers, booleans and null only');
};

/** Throws TypeError unless every bound is a scalar. */
export const boundValues = (bounds: readonly Scalar[]): IndexValue[] => {
  if (bounds.some((bound) => bound === undefined)) throw new TypeError('A bound of a range is undefined');
  return bounds.map((bound) => indexValue(bound));
};

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A table's name in SQL. */
export const tableName = (collection: string): string => quote(collection);

/** A column's name in SQL, for a view. */
export const columnName = (field: string): string => quote(field);

/** The column that holds a field's index value. SQLite ignores case in names, hence the mark before capitals. */
export const keyColumn = (field: string): string => quote(`key:${field.replaceAll(/[A-Z^]/g, '^$&')}`);

export const indexName = (collection: string, index: string): string =>
  quote(`${collection}:${index.replaceAll(/[A-Z^]/g, '^$&')}`);

/** A field's place in the body, as SQL text. */
export const bodyPath = (field: string): string => `'$.${JSON.stringify(field).replaceAll("'", "''")}'`;
