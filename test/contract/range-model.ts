import type { IndexRange, IndexSpec, Scalar } from '../../ports/document-store.ts';

/** An index as its definition has it: every document of a list, sorted and filtered in plain sight. */
export type Fields = Readonly<Record<string, Scalar | undefined>>;
export type Tuple = readonly Scalar[];

const rank = (value: Scalar): number =>
  value === null ? 0 : ['boolean', 'number', 'string'].indexOf(typeof value) + 1;

const compareScalars = (a: Scalar, b: Scalar): number => {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) - Number(b);
};

/** Compares as many values as both have. */
export const compareTuples = (a: Tuple, b: Tuple): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const order = compareScalars(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
};

export const tupleOf = (document: Fields, { fields }: IndexSpec): Tuple =>
  fields.map((field) => document[field] ?? null);

/** The index tuples in the range, in index order. */
export const tuplesInRange = (documents: readonly Fields[], index: IndexSpec, range: IndexRange): readonly Tuple[] => {
  const { equal, greaterThan, atLeast, lessThan, atMost } = range;
  const within = (tuple: Tuple): boolean => {
    const rest = tuple.slice(equal.length);
    return (
      compareTuples(tuple, equal) === 0 &&
      (!greaterThan || compareTuples(rest, greaterThan) > 0) &&
      (!atLeast || compareTuples(rest, atLeast) >= 0) &&
      (!lessThan || compareTuples(rest, lessThan) < 0) &&
      (!atMost || compareTuples(rest, atMost) <= 0)
    );
  };
  return documents
    .map((document) => tupleOf(document, index))
    .filter((tuple) => !index.sparse || !tuple.includes(null))
    .filter((tuple) => within(tuple))
    .toSorted(compareTuples);
};
