import { describe, expect } from 'vitest';
import { UnknownCollection } from '../../ports/document-store.ts';
import type { SearchDocument, SearchStore } from '../../ports/search-store.ts';
import { testOn, testReopening, type Open } from './opened.ts';
import { documentOf, queryOf, wordsQuery } from './search-documents.ts';

const things = { name: 'search.v1.1.things', fields: [], indexes: [] };
const others = { name: 'search.v1.2.things', fields: [], indexes: [] };

const write = (id: string, position: bigint, body?: SearchDocument, collection = things.name) => ({
  collection,
  id,
  position,
  body,
});

export const searchWriteContract = (open: Open<SearchStore>): void => {
  const on = (name: string, body: (store: SearchStore) => Promise<void>): void =>
    testOn(open)(name, async (store) => {
      await store.ensure([things]);
      await body(store);
    });
  const found = async (store: SearchStore, ...words: readonly string[]): Promise<readonly string[]> =>
    (await store.search(things.name, wordsQuery(...words))).hits.map(({ id }) => id).toSorted();

  describe('the documents of a search store', () => {
    on('come back as they were written, all of them', async (store) => {
      const whole: SearchDocument = {
        words: 'été 東京 京 c++ 👍',
        extras: 'c =été ~ete',
        labels: ['has:link', 'mentions:0f1c1a52-5d0e-4c58-9d0e-0c2f5a3a7a11'],
        group: '0f1c1a52-5d0e-4c58-9d0e-0c2f5a3a7a11',
        seq: 7,
        author: 'somebody else',
        at: '2018-02-01T12:34:56.789Z',
        kept: { reactions: 2, pinned: true, none: null, text: '"quoted"' },
      };
      await store.commit([write('x/1', 2n ** 53n + 1n, whole), write('y', 3n, documentOf(''))]);
      expect(await store.getMany(things.name, ['x/1', 'x/1', 'none'])).toEqual([
        { id: 'x/1', position: 2n ** 53n + 1n, body: whole },
      ]);
      expect(await store.getMany(things.name, ['y'])).toEqual([{ id: 'y', position: 3n, body: documentOf('') }]);
    });

    on('are found at once, and no more when they say something else or are removed', async (store) => {
      await store.commit([write('x', 1n, documentOf('hello world')), write('y', 1n, documentOf('hello there'))]);
      expect(await found(store, 'hello')).toEqual(['x', 'y']);
      await store.commit([write('x', 2n, documentOf('goodbye world'))]);
      expect(await found(store, 'hello')).toEqual(['y']);
      expect(await found(store, 'world')).toEqual(['x']);
      await store.commit([write('x', 3n)]);
      expect(await found(store, 'world')).toEqual([]);
      expect(await store.getMany(things.name, ['x'])).toEqual([]);
      expect((await store.search(things.name, queryOf())).hits.map(({ id }) => id)).toEqual(['y']);
    });

    on('give way to newer writes only, and stay removed', async (store) => {
      await store.commit([write('x', 5n, documentOf('five'))]);
      await store.commit([write('x', 5n, documentOf('again')), write('x', 4n, documentOf('four'))]);
      expect(await found(store, 'five')).toEqual(['x']);
      expect(await found(store, 'four')).toEqual([]);
      await store.commit([write('x', 8n), write('x', 7n, documentOf('seven'))]);
      await store.commit([write('x', 6n, documentOf('six')), write('x', 8n, documentOf('eight'))]);
      expect(await store.getMany(things.name, ['x'])).toEqual([]);
      expect(await found(store, 'six')).toEqual([]);
      await store.commit([write('x', 9n, documentOf('nine'))]);
      expect(await found(store, 'nine')).toEqual(['x']);
    });

    on('are not written by a mover that is fenced', async (store) => {
      await store.commit([], { name: 'a', from: undefined, to: 1n });
      const move = { name: 'a', from: 0n, to: 2n };
      expect(await store.commit([write('x', 2n, documentOf('hello'))], move)).toBe(false);
      expect(await found(store, 'hello')).toEqual([]);
    });

    on('can be many in one commit, the newest of each counting', async (store) => {
      const writes = Array.from({ length: 2_000 }, (_, i) =>
        write(`x${i % 1_000}`, BigInt(i + 1), documentOf(i < 1_000 ? 'older' : 'newer')),
      );
      await store.commit(writes);
      expect(await found(store, 'older')).toEqual([]);
      const { hits } = await store.search(things.name, { ...wordsQuery('newer'), limit: 1_000 });
      expect(new Set(hits.map(({ id }) => id)).size).toBe(1_000);
    });

    on('stand in collections that know nothing of each other', async (store) => {
      await store.ensure([things, others]);
      await store.commit([write('x', 1n, documentOf('here')), write('x', 1n, documentOf('there'), others.name)]);
      expect(await found(store, 'here')).toEqual(['x']);
      expect(await found(store, 'there')).toEqual([]);
      expect((await store.collections()).toSorted()).toEqual([things.name, others.name]);
      await store.drop([things.name, 'never']);
      expect(await store.collections()).toEqual([others.name]);
      expect((await store.search(others.name, wordsQuery('there'))).hits).toHaveLength(1);
      await store.ensure([things]);
      expect(await found(store, 'here')).toEqual([]);
    });

    on('cannot be read or written where there is no such collection', async (store) => {
      await store.drop([things.name]);
      await expect(store.search(things.name, wordsQuery('x'))).rejects.toThrow(UnknownCollection);
      await expect(store.search(things.name, queryOf({ visible: [] }))).rejects.toThrow(UnknownCollection);
      await expect(store.getMany(things.name, ['x'])).rejects.toThrow(UnknownCollection);
      await expect(store.commit([write('x', 1n, documentOf('x'))])).rejects.toThrow(UnknownCollection);
    });

    testReopening(open)('are seen by other stores on the same data', async (store, reopen) => {
      await store.ensure([things]);
      await using other = await reopen();
      await store.commit([write('x', 1n, documentOf('hello'))]);
      expect(await found(other, 'hello')).toEqual(['x']);
      await other.commit([write('x', 2n)]);
      expect(await found(store, 'hello')).toEqual([]);
    });
  });
};
