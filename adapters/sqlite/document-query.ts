import type { CollectionSpec, IndexRange, IndexSpec, Scalar } from '../../ports/document-store.ts';
import { boundValues, indexName, keyColumn, nullLiteral, tableName, type IndexValue } from './document-keys.ts';

export interface SqlRange {
  /** The `from` and `where` clauses. */
  readonly source: string;
  readonly order: (direction: 'asc' | 'desc') => string;
  readonly values: readonly IndexValue[];
}

/** Holds for every document that the index holds, and for no other; SQLite uses the index only where a query says it. */
export const membership = ({ fields, sparse }: IndexSpec): string =>
  [
    `${keyColumn(fields[0])} is not null`,
    ...(sparse ? fields.map((field) => `${keyColumn(field)} <> ${nullLiteral}`) : []),
  ].join(' and ');

const tuple = (parts: readonly string[]): string => (parts.length === 1 ? parts[0]! : `(${parts.join(', ')})`);

const bounds = [
  ['greaterThan', '>'],
  ['atLeast', '>='],
  ['lessThan', '<'],
  ['atMost', '<='],
] as const;

const check = ({ name, fields }: IndexSpec, range: IndexRange): void => {
  const { equal, greaterThan, atLeast, lessThan, atMost } = range;
  const free = fields.length - equal.length;
  if (free < 0) throw new TypeError(`Index ${name} has ${fields.length} fields, the range fixes ${equal.length}`);
  if (greaterThan && atLeast) throw new TypeError('A range has one lower bound');
  if (lessThan && atMost) throw new TypeError('A range has one upper bound');
  for (const [bound] of bounds) {
    const length = range[bound]?.length;
    if (length === undefined || (length > 0 && length <= free)) continue;
    throw new TypeError(`${bound} has ${length} values, index ${name} has ${free} fields after the equal ones`);
  }
};

/** Translates a range of one index. Throws TypeError when it does not fit the index. */
export const sqlRange = (collection: CollectionSpec, range: IndexRange): SqlRange => {
  const index = collection.indexes.find(({ name }) => name === range.index);
  if (!index) throw new TypeError(`Collection ${collection.name} has no index ${range.index}`);
  check(index, range);
  const columns = index.fields.map((field) => keyColumn(field));
  const conditions = [membership(index), ...range.equal.map((_, i) => `${columns[i]!} = ?`)];
  const values = boundValues(range.equal);
  for (const [bound, operator] of bounds) {
    const edge: readonly Scalar[] | undefined = range[bound];
    if (!edge) continue;
    const compared = columns.slice(range.equal.length, range.equal.length + edge.length);
    conditions.push(`${tuple(compared)} ${operator} ${tuple(edge.map(() => '?'))}`);
    values.push(...boundValues(edge));
  }
  const used = indexName(collection.name, index.name);
  return {
    source: `from ${tableName(collection.name)} indexed by ${used} where ${conditions.join(' and ')}`,
    order: (direction) => `order by ${columns.map((column) => `${column} ${direction}`).join(', ')}`,
    values,
  };
};
