import { describe, expect } from 'vitest';
import type { CollectionSpec, ProjectedStore } from '../../ports/document-store.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const counters: CollectionSpec = { name: 'counters', fields: ['by'], indexes: [] };

/** `bodyOf` makes a body that the store takes. */
export const checkpointContract = (
  open: Open<ProjectedStore>,
  bodyOf: (by: number) => object = (by) => ({ by }),
): void => {
  const write = (id: string, position: bigint, by: number) => ({
    collection: counters.name,
    id,
    position,
    body: bodyOf(by),
  });
  const on = testOn(open);

  describe('checkpoints', () => {
    on('do not exist until moved from nowhere', async (store) => {
      expect(await store.checkpoint('a')).toBeUndefined();
      expect(await store.commit([], { name: 'a', from: 3n, to: 4n })).toBe(false);
      expect(await store.checkpoint('a')).toBeUndefined();
      expect(await store.commit([], { name: 'a', from: undefined, to: -1n })).toBe(true);
      expect(await store.checkpoint('a')).toBe(-1n);
      expect(await store.commit([], { name: 'a', from: undefined, to: 9n })).toBe(false);
      expect(await store.checkpoint('a')).toBe(-1n);
      expect(await store.checkpoint('A')).toBeUndefined();
    });

    on('move from where they stand only, in either direction, beyond 2^53 too', async (store) => {
      const far = 2n ** 53n;
      await store.commit([], { name: 'a', from: undefined, to: 5n });
      expect(await store.commit([], { name: 'a', from: 5n, to: far + 1n })).toBe(true);
      expect(await store.commit([], { name: 'a', from: far, to: 1n })).toBe(false);
      expect(await store.checkpoint('a')).toBe(far + 1n);
      expect(await store.commit([], { name: 'a', from: far + 1n, to: 2n })).toBe(true);
      expect(await store.commit([], { name: 'a', from: 2n, to: 2n })).toBe(true);
      expect(await store.checkpoint('a')).toBe(2n);
    });

    on('are read many at once, each by its name, without those that do not exist', async (store) => {
      const far = 2n ** 53n + 1n;
      await store.commit([], { name: 'a', from: undefined, to: -1n });
      await store.commit([], { name: 'b/0', from: undefined, to: far });
      await store.commit([], { name: 'c', from: undefined, to: 3n });
      expect(await store.checkpoints(['b/0', 'a', 'never', 'a'])).toEqual(
        new Map([
          ['a', -1n],
          ['b/0', far],
        ]),
      );
      expect(await store.checkpoints([])).toEqual(new Map());
    });

    on('are forgotten on request', async (store) => {
      for (const name of ['a', 'b', 'c']) await store.commit([], { name, from: undefined, to: 1n });
      await store.dropCheckpoints(['a', 'c', 'never']);
      expect(await store.checkpoint('a')).toBeUndefined();
      expect(await store.checkpoint('b')).toBe(1n);
      expect(await store.commit([], { name: 'a', from: 1n, to: 2n })).toBe(false);
      expect(await store.commit([], { name: 'a', from: undefined, to: 2n })).toBe(true);
    });

    on('are listed by what their names start with', async (store) => {
      const far = 2n ** 53n + 1n;
      for (const name of ['b:1', 'b:2', 'b', 'a:1', 'c']) await store.commit([], { name, from: undefined, to: far });
      expect(await store.checkpointsStarting('b:')).toEqual(
        new Map([
          ['b:1', far],
          ['b:2', far],
        ]),
      );
      expect([...(await store.checkpointsStarting('')).keys()].toSorted()).toEqual(['a:1', 'b', 'b:1', 'b:2', 'c']);
      expect(await store.checkpointsStarting('d')).toEqual(new Map());
    });

    on('move together with the writes', async (store) => {
      await store.ensure([counters]);
      expect(await store.commit([write('x', 7n, 1)], { name: 'a', from: undefined, to: 7n })).toBe(true);
      expect(await store.getMany(counters.name, ['x'])).toEqual([{ id: 'x', position: 7n, body: bodyOf(1) }]);
      expect(await store.checkpoint('a')).toBe(7n);
    });

    on('let one of fifty racing moves win', async (store) => {
      await store.commit([], { name: 'a', from: undefined, to: 0n });
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.commit([], { name: 'a', from: 0n, to: BigInt(i + 1) })),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.checkpoint('a')).toBe(BigInt(outcomes.indexOf(true) + 1));
    });

    const race = async (stores: readonly ProjectedStore[]): Promise<void> => {
      await stores[0]!.ensure([counters]);
      const wins = stores.map(() => 0);
      for (let round = 0; round < 40; round += 1) {
        const from = round === 0 ? undefined : BigInt(round);
        const to = BigInt(round + 1);
        const moves = stores.map((store, i) => store.commit([write('x', to, i)], { name: 'a', from, to }));
        const outcomes = await Promise.all(moves);
        expect(outcomes.filter(Boolean)).toHaveLength(1);
        wins[outcomes.indexOf(true)]! += 1;
        expect(await stores[0]!.checkpoint('a')).toBe(to);
      }
      expect(wins.reduce((sum, won) => sum + won)).toBe(40);
    };

    on('fence all movers but one, round after round', async (store) => race([store, store, store]));

    testReopening(open)('fence movers in other stores on the same data', async (store, reopen) => {
      await using second = await reopen();
      await using third = await reopen();
      await race([store, second, third]);
    });
  });
};
