import { describe, expect } from 'vitest';
import type { HeldSeqSet, SeqSets } from '../../ports/seq-sets.ts';
import { testOn, type Open } from './opened.ts';

const digestOf = (number: number): string => number.toString(16).padStart(16, '0');
const state = (count: number, digest: number, mark = 0): HeldSeqSet => ({ count, digest: digestOf(digest), mark });
const inState = (set: string, { count, digest }: HeldSeqSet) => ({ set, count, digest });

/** What everything that counts in sets of numbers does. `open` gives one that holds nothing yet. */
export const seqSetsContract = (adapterName: string, open: Open<SeqSets>): void => {
  const on = testOn(open);

  describe(`sets of numbers: ${adapterName}`, () => {
    on('counts the numbers above one bound and up to another', async (sets) => {
      await sets.put('a', state(4, 1), [2, 5, 9, 100]);
      const counts = (bounds: readonly (readonly [number, number])[]) =>
        sets.count(bounds.map(([after, upTo]) => ({ sets: [inState('a', state(4, 1))], after, upTo })));
      expect(
        await counts([
          [0, 1_000],
          [2, 9],
          [1, 2],
          [9, 99],
          [100, 100],
        ]),
      ).toEqual([4, 2, 1, 0, 0]);
    });

    on('counts a number once that is in two sets', async (sets) => {
      await sets.put('a', state(3, 1), [2, 5, 9]);
      await sets.put('b', state(3, 2), [5, 6, 9]);
      const both = [inState('a', state(3, 1)), inState('b', state(3, 2))];
      expect(await sets.count([{ sets: both, after: 0, upTo: 10 }])).toEqual([4]);
      expect(await sets.count([{ sets: both.toReversed(), after: 5, upTo: 9 }])).toEqual([2]);
    });

    on('gives no number of a set that it holds in another state, or not at all', async (sets) => {
      await sets.put('a', state(2, 1), [2, 5]);
      const question = (set: string, wanted: HeldSeqSet) => ({ sets: [inState(set, wanted)], after: 0, upTo: 10 });
      const answers = await sets.count([
        question('a', state(2, 2)),
        question('a', state(3, 1)),
        question('b', state(2, 1)),
        question('a', state(2, 1)),
        { sets: [inState('a', state(2, 1)), inState('b', state(1, 1))], after: 0, upTo: 10 },
      ]);
      expect(answers).toEqual(['not-held', 'not-held', 'not-held', 2, 'not-held']);
      expect(await sets.count([])).toEqual([]);
    });

    on('tells what it holds of a set', async (sets) => {
      expect(await sets.held('a')).toBeUndefined();
      await sets.put('a', state(2, 7, 41), [2, 5]);
      expect(await sets.held('a')).toEqual(state(2, 7, 41));
      await sets.put('a', state(1, 8, 0), [3]);
      expect(await sets.held('a')).toEqual(state(1, 8, 0));
      expect(await sets.count([{ sets: [inState('a', state(1, 8))], after: 0, upTo: 10 }])).toEqual([1]);
    });

    on('adds numbers to a set in the state that it is in, and to no other', async (sets) => {
      await sets.put('a', state(2, 1, 3), [2, 5]);
      expect(await sets.extend('a', state(2, 9), state(3, 2, 4), [7])).toBe(false);
      expect(await sets.extend('b', state(2, 1), state(3, 2, 4), [7])).toBe(false);
      expect(await sets.extend('a', state(2, 1), state(4, 2, 4), [7, 8])).toBe(true);
      expect(await sets.extend('a', state(2, 1), state(4, 2, 4), [7, 8])).toBe(false);
      expect(await sets.held('a')).toEqual(state(4, 2, 4));
      expect(await sets.count([{ sets: [inState('a', state(4, 2))], after: 2, upTo: 10 }])).toEqual([3]);
    });

    on('holds sets that are large, and asks of many at once', async (sets) => {
      const seqs = Array.from({ length: 12_345 }, (_, index) => index + 1);
      await sets.put('a', state(seqs.length, 1, 20_000), seqs);
      const questions = Array.from({ length: 450 }, (_, after) => ({
        sets: [inState('a', state(seqs.length, 1))],
        after,
        upTo: 12_000,
      }));
      expect(await sets.count(questions)).toEqual(questions.map(({ after }) => 12_000 - after));
    });

    on('lets one of those who extend a set at the same time do so', async (sets) => {
      await sets.put('a', state(1, 1), [1]);
      const extended = await Promise.all(
        Array.from({ length: 10 }, (_, i) => sets.extend('a', state(1, 1), state(2, i + 2, i), [i + 2])),
      );
      expect(extended.filter(Boolean)).toHaveLength(1);
      expect(await sets.held('a')).toMatchObject({ count: 2 });
    });
  });
};
