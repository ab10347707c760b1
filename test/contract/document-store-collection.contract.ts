import { describe, expect } from 'vitest';
import { UnknownCollection, type CollectionSpec, type DocumentStore } from '../../ports/document-store.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const spec = (name: string, indexes: CollectionSpec['indexes'] = []): CollectionSpec => ({
  name,
  fields: ['a', 'b'],
  indexes,
});
const byA = { name: 'byA', fields: ['a'] } as const;
const byB = { name: 'byB', fields: ['b', 'a'], sparse: true } as const;

export const collectionContract = (open: Open<DocumentStore>): void => {
  const on = testOn(open);

  describe('collections', () => {
    on('are there once ensured, and not before', async (store) => {
      expect(await store.collections()).toEqual([]);
      await store.ensure([spec('one.v1'), spec('two-v1_x', [byA])]);
      await store.ensure([spec('one.v1'), spec('three')]);
      await store.ensure([]);
      expect((await store.collections()).toSorted()).toEqual(['one.v1', 'three', 'two-v1_x']);
    });

    on('keep their documents when ensured again', async (store) => {
      await store.ensure([spec('one', [byA])]);
      await store.commit([{ collection: 'one', id: 'x', position: 1n, body: { a: 1 } }]);
      await store.ensure([spec('one', [byA])]);
      expect(await store.find('one', { index: 'byA', equal: [1], limit: 5 })).toEqual([
        { id: 'x', position: 1n, body: { a: 1 } },
      ]);
    });

    on('get a new index over the documents that are there', async (store) => {
      await store.ensure([spec('one', [byA])]);
      const bodies = [{ a: 1, b: true }, { a: 2, b: null }, { a: 3 }, { a: null, b: 'x' }, { a: 4, b: 'x' }];
      const writes = bodies.map((body, i) => ({ collection: 'one', id: `${i}`, position: 1n, body }));
      await store.commit([...writes, { collection: 'one', id: 'gone', position: 1n }]);
      await expect(store.find('one', { index: 'byB', equal: [], limit: 9 })).rejects.toBeInstanceOf(TypeError);
      await store.ensure([spec('one', [byA, byB])]);
      const idsBy = async (index: string): Promise<string[]> =>
        (await store.find('one', { index, equal: [], limit: 9 })).map(({ id }) => id);
      expect(await idsBy('byB')).toEqual(['0', '4']);
      expect(await idsBy('byA')).toEqual(['3', '0', '1', '2', '4']);
      await store.commit([{ collection: 'one', id: '2', position: 2n, body: { a: 3, b: 'w' } }]);
      expect(await idsBy('byB')).toEqual(['0', '2', '4']);
    });

    on('are gone with all they held once dropped', async (store) => {
      await store.ensure([spec('one', [byA]), spec('two')]);
      await store.commit([
        { collection: 'one', id: 'x', position: 5n, body: { a: 1 } },
        { collection: 'one', id: 'y', position: 5n },
        { collection: 'two', id: 'x', position: 5n, body: { a: 1 } },
      ]);
      await store.drop(['one', 'never']);
      await store.drop([]);
      expect(await store.collections()).toEqual(['two']);
      await expect(store.get('one', 'x')).rejects.toBeInstanceOf(UnknownCollection);
      expect((await store.get('two', 'x'))?.body).toEqual({ a: 1 });
      await store.ensure([spec('one', [byA])]);
      expect(await store.get('one', 'x')).toBeUndefined();
      await store.commit([{ collection: 'one', id: 'y', position: 1n, body: { a: 2 } }]);
      expect(await store.get('one', 'y')).toEqual({ id: 'y', position: 1n, body: { a: 2 } });
    });

    on('have names of letters, digits, dots, dashes and underscores only', async (store) => {
      for (const name of ['', 'a b', 'a/b', 'a"b', 'a;b', 'ä', 'a:b', '$a']) {
        await expect(store.ensure([spec(name)])).rejects.toBeInstanceOf(TypeError);
      }
      expect(await store.collections()).toEqual([]);
    });

    on('are not mixed up when one name begins with another', async (store) => {
      const index = { name: 'b', fields: ['a'] } as const;
      await store.ensure([spec('a', [{ ...index, name: 'b.c' }]), spec('a.b', [{ ...index, name: 'c' }])]);
      await store.commit([{ collection: 'a', id: 'x', position: 1n, body: { a: 1 } }]);
      expect(await store.count('a', { index: 'b.c', equal: [] })).toBe(1);
      expect(await store.count('a.b', { index: 'c', equal: [] })).toBe(0);
      await store.drop(['a']);
      expect(await store.count('a.b', { index: 'c', equal: [] })).toBe(0);
    });

    on('can be shown under a lasting name, again and again', async (store) => {
      await store.ensure([spec('things.v1.0'), spec('things.v1.1')]);
      await store.expose('things', spec('things.v1.0'));
      await store.expose('things', spec('things.v1.1'));
      await store.drop(['things.v1.0']);
      await store.expose('things', spec('things.v1.1'));
      await expect(store.expose('nothing', spec('missing'))).rejects.toBeInstanceOf(UnknownCollection);
      expect(await store.collections()).toEqual(['things.v1.1']);
    });

    testReopening(open)('are seen as they are by other stores on the same data', async (store, reopen) => {
      await using other = await reopen();
      await expect(other.get('one', 'x')).rejects.toBeInstanceOf(UnknownCollection);
      await store.ensure([spec('one', [byA])]);
      await other.commit([{ collection: 'one', id: 'x', position: 1n, body: { a: 1, b: 1 } }]);
      expect(await store.count('one', { index: 'byA', equal: [1] })).toBe(1);
      await store.ensure([spec('one', [byA, byB])]);
      await other.commit([{ collection: 'one', id: 'y', position: 1n, body: { a: 2, b: 2 } }]);
      expect(await store.count('one', { index: 'byB', equal: [] })).toBe(2);
      expect(await other.count('one', { index: 'byB', equal: [] })).toBe(2);
      await store.drop(['one']);
      await expect(other.get('one', 'x')).rejects.toBeInstanceOf(UnknownCollection);
      const write = { collection: 'one', id: 'z', position: 1n, body: {} };
      await expect(other.commit([write])).rejects.toBeInstanceOf(UnknownCollection);
    });
  });
};
