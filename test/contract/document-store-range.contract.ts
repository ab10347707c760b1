import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import type {
  CollectionSpec,
  Document,
  DocumentStore,
  IndexQuery,
  IndexSpec,
  Scalar,
} from '../../ports/document-store.ts';
import { testOn, type Open } from './opened.ts';
import { tupleOf, tuplesInRange, type Fields } from './range-model.ts';

const fields = ['a', 'b', 'B', 'odd "name\' of.a $field'] as const;
const indexes: readonly IndexSpec[] = [
  { name: 'one', fields: ['a'] },
  { name: 'two', fields: ['b', 'a'] },
  { name: 'three', fields: ['a', 'B', fields[3]] },
  { name: 'Three', fields: ['a', 'b', 'B'], sparse: true },
  { name: 'sparse', fields: ['b'], sparse: true },
];
const collection: CollectionSpec = { name: 'documents', fields, indexes };

/** Few enough values that ranges meet documents; text whose order by UTF-16 differs from that by bytes. */
const common: readonly Scalar[] = [null, false, true, -1, 0, 1, 2.5, '', '0', 'a', 'B', 'b', '\uffff', '\u{10000}'];
const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...common) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
  { weight: 1, arbitrary: fc.maxSafeInteger() },
  { weight: 1, arbitrary: fc.double({ noNaN: true, min: -1e300, max: 1e300 }) },
);
const document: fc.Arbitrary<Fields> = fc.record(
  Object.fromEntries(fields.map((field) => [field, scalar])) as Record<string, fc.Arbitrary<Scalar>>,
  { requiredKeys: [] },
);

const boundsFor = (free: number): fc.Arbitrary<Partial<IndexQuery>> => {
  if (free === 0) return fc.constant({});
  const bound = fc.array(scalar, { minLength: 1, maxLength: free });
  const lower = fc.oneof(fc.constant({}), fc.record({ greaterThan: bound }), fc.record({ atLeast: bound }));
  const upper = fc.oneof(fc.constant({}), fc.record({ lessThan: bound }), fc.record({ atMost: bound }));
  return fc.tuple(lower, upper).map(([from, to]) => Object.assign({}, from, to));
};

const query: fc.Arbitrary<IndexQuery> = fc
  .constantFrom(...indexes)
  .chain((index) => fc.tuple(fc.constant(index), fc.array(scalar, { maxLength: index.fields.length })))
  .chain(([index, equal]) =>
    fc
      .record({
        bounds: boundsFor(index.fields.length - equal.length),
        reverse: fc.boolean(),
        limit: fc.oneof(fc.nat(5), fc.constant(1_000)),
      })
      .map(({ bounds, reverse, limit }) => Object.assign({ index: index.name, equal, reverse, limit }, bounds)),
  );

/** As numbers are in JSON: without a negative zero. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const rangeContract = (open: Open<DocumentStore>): void => {
  const on = testOn(open);
  const fill = async (store: DocumentStore, bodies: readonly Fields[]): Promise<void> => {
    await store.drop([collection.name]);
    await store.ensure([collection]);
    await store.commit(bodies.map((body, i) => ({ collection: collection.name, id: `${i}`, position: 1n, body })));
    await store.commit([{ collection: collection.name, id: 'removed', position: 1n }]);
  };
  const find = (store: DocumentStore, query: IndexQuery): Promise<readonly Document<Fields>[]> =>
    store.find<Fields>(collection.name, query);
  const valuesOfA = async (store: DocumentStore, query: Partial<IndexQuery>): Promise<unknown[]> => {
    const found = await find(store, { index: 'one', equal: [], limit: 100, ...query });
    return found.map(({ body }) => body['a'] ?? null);
  };

  describe('index ranges', () => {
    on('order null, booleans, numbers and text by bytes', async (store) => {
      const ordered = [
        null,
        false,
        true,
        -1e300,
        -2,
        0,
        0.5,
        9,
        10,
        2 ** 53 - 1,
        '',
        '10',
        '9',
        'B',
        'a',
        'é',
        '\uffff',
      ];
      const bodies = [...ordered, '\u{10000}'].map((a) => ({ a }));
      await fill(store, bodies.toReversed());
      expect(await valuesOfA(store, {})).toEqual([...ordered, '\u{10000}']);
      expect(await valuesOfA(store, { reverse: true })).toEqual(['\u{10000}', ...ordered.toReversed()]);
    });

    on('tell true from one and from text, null from nothing else', async (store) => {
      await fill(store, [{ a: true }, { a: 1 }, { a: '1' }, { a: 'true' }, { a: false }, { a: 0 }, { a: null }, {}]);
      for (const value of [true, 1, '1', 'true', false, 0]) {
        expect(await valuesOfA(store, { equal: [value] })).toEqual([value]);
      }
      expect(await valuesOfA(store, { equal: [null] })).toEqual([null, null]);
      expect(await valuesOfA(store, { greaterThan: [null], atMost: [true] })).toEqual([false, true]);
    });

    on('compare several fields as one tuple', async (store) => {
      const pairs = [0, 1, 2].flatMap((b) => [0, 1, 2].map((a) => ({ b, a })));
      await fill(store, pairs);
      const pairsIn = async (range: Partial<IndexQuery>): Promise<unknown[]> =>
        (await find(store, { index: 'two', equal: [], limit: 100, ...range })).map(({ body }) => [
          body['b'],
          body['a'],
        ]);
      expect(await pairsIn({ greaterThan: [0, 2], lessThan: [2, 0] })).toEqual([
        [1, 0],
        [1, 1],
        [1, 2],
      ]);
      expect(await pairsIn({ atLeast: [0, 2], atMost: [1, 1], reverse: true })).toEqual([
        [1, 1],
        [1, 0],
        [0, 2],
      ]);
      expect(await pairsIn({ greaterThan: [1] })).toEqual([
        [2, 0],
        [2, 1],
        [2, 2],
      ]);
      expect(await pairsIn({ equal: [1], atLeast: [1] })).toEqual([
        [1, 1],
        [1, 2],
      ]);
      expect(await pairsIn({ equal: [1], limit: 2, reverse: true })).toEqual([
        [1, 2],
        [1, 1],
      ]);
      expect(await pairsIn({ limit: 0 })).toEqual([]);
      expect(await pairsIn({ greaterThan: [2, 2] })).toEqual([]);
    });

    on('hold what the definition says, for any documents and any range', async (store) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(document, { maxLength: 60 }),
          fc.array(query, { minLength: 10, maxLength: 40 }),
          async (bodies, queries) => {
            await fill(store, bodies);
            for (const asked of queries) {
              const index = indexes.find(({ name }) => name === asked.index)!;
              const expected = tuplesInRange(bodies, index, asked);
              const ordered = asked.reverse ? expected.toReversed() : expected;
              const found = await find(store, asked);
              expect(found.map(({ body }) => tupleOf(body, index))).toEqual(plain(ordered.slice(0, asked.limit)));
              expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
              for (const { id, body } of found) expect(body).toEqual(plain(bodies[Number(id)]));
              expect(await store.count(collection.name, asked)).toBe(expected.length);
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    on('refuse a query that does not fit its index', async (store) => {
      await fill(store, [{ a: 1 }]);
      const misfits: readonly Partial<IndexQuery>[] = [
        { index: 'none' },
        { index: 'ONE' },
        { equal: [1, 2] },
        { equal: [1], greaterThan: [1] },
        { greaterThan: [1, 2] },
        { greaterThan: [] },
        { greaterThan: [1], atLeast: [1] },
        { lessThan: [1], atMost: [1] },
        { equal: [Number.NaN] },
        { atMost: [Infinity] },
        { equal: [undefined as unknown as null] },
        { equal: [['x'] as unknown as null] },
      ];
      for (const misfit of misfits) {
        const asked = { index: 'one', equal: [], limit: 5, ...misfit };
        await expect(find(store, asked)).rejects.toBeInstanceOf(TypeError);
        await expect(store.count(collection.name, asked)).rejects.toBeInstanceOf(TypeError);
      }
      for (const limit of [-1, 1.5, Number.NaN, Infinity]) {
        await expect(find(store, { index: 'one', equal: [], limit })).rejects.toBeInstanceOf(TypeError);
      }
    });
  });
};
