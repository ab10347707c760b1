import { expect, test } from 'vitest';
import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import type { IndexQuery, IndexSpec, Scalar } from '../../../ports/document-store.ts';

const fields = ['a', 'b', 'c'] as const;
const indexes: readonly IndexSpec[] = [
  { name: 'whole', fields },
  { name: 'sparse', fields, sparse: true },
  { name: 'single', fields: ['b'] },
];

type Bounds = Partial<Pick<IndexQuery, 'greaterThan' | 'atLeast' | 'lessThan' | 'atMost'>>;

/** Nothing, or one bound of each kind and length. */
const bounds = (names: readonly (keyof Bounds)[], free: number): readonly Bounds[] => [
  {},
  ...names.flatMap((name) => Array.from({ length: free }, (_, i) => ({ [name]: Array<Scalar>(i + 1).fill('x') }))),
];

const shapes = function* (): Generator<IndexQuery> {
  for (const { name, fields } of indexes) {
    for (let fixed = 0; fixed <= fields.length; fixed += 1) {
      const equal = Array<Scalar>(fixed).fill(1);
      for (const lower of bounds(['greaterThan', 'atLeast'], fields.length - fixed)) {
        for (const upper of bounds(['lessThan', 'atMost'], fields.length - fixed)) {
          yield { index: name, equal, ...lower, ...upper, limit: 10 };
        }
      }
    }
  }
};

/** The bounds that SQLite must meet by its place in the index, as it writes them: columns, operator, question marks. */
const expectedSeek = ({ equal, greaterThan, atLeast, lessThan, atMost }: IndexQuery, columns: readonly string[]) => {
  const names = columns.map((column) => `key:${column}`);
  const tuple = (edge: readonly Scalar[], sign: string): string => {
    const compared = names.slice(equal.length, equal.length + edge.length);
    return edge.length === 1
      ? `${compared[0]!}${sign}?`
      : `(${compared.join(',')})${sign}(${edge.map(() => '?').join(',')})`;
  };
  const lower = greaterThan ?? atLeast;
  const upper = lessThan ?? atMost;
  return [
    ...equal.map((_, i) => `${names[i]!}=?`),
    ...(lower ? [tuple(lower, '>')] : []),
    ...(upper ? [tuple(upper, '<')] : []),
  ];
};

test('every shape of range seeks in its index, sorts nothing, and counts without the documents', async () => {
  await using store = new SqliteDocumentStore(':memory:');
  await store.ensure([{ name: 'things', fields, indexes }]);
  let plans = 0;
  for (const shape of shapes()) {
    const { limit: _, ...range } = shape;
    const columns = indexes.find(({ name }) => name === shape.index)!.fields;
    for (const query of [shape, { ...shape, reverse: true }, range]) {
      const steps = store.explain('things', query);
      expect(steps).toHaveLength(1);
      const covering = 'limit' in query ? '' : 'COVERING ';
      expect(steps[0]).toMatch(new RegExp(`^SEARCH things USING ${covering}INDEX things:${shape.index} \\(`));
      for (const bound of expectedSeek(shape, columns)) expect(steps[0]).toContain(bound);
      plans += 1;
    }
  }
  expect(plans).toBeGreaterThan(300);
});
