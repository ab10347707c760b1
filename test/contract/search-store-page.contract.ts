import { describe, expect } from 'vitest';
import type { SearchDocument, SearchQuery, SearchStore } from '../../ports/search-store.ts';
import { testOn, type Open } from './opened.ts';
import { atom, clause, documentOf, queryOf, wordsQuery } from './search-documents.ts';

const things = { name: 'things', fields: [], indexes: [] };
const at = (second: number): string => new Date(Date.UTC(2018, 1, 1, 0, 0, second)).toISOString();

export const searchPageContract = (open: Open<SearchStore>): void => {
  const fill = async (store: SearchStore, documents: Readonly<Record<string, SearchDocument>>): Promise<void> => {
    await store.ensure([things]);
    const writes = Object.entries(documents).map(([id, body]) => ({
      collection: things.name,
      id,
      position: 1n,
      body,
    }));
    await store.commit(writes);
  };
  const ids = async (store: SearchStore, query: SearchQuery): Promise<readonly string[]> =>
    (await store.search(things.name, query)).hits.map(({ id }) => id);

  describe('the pages of a search store', () => {
    testOn(open)('go from the newest on, equal ones by id, none missing and none twice', async (store) => {
      const documents = Array.from({ length: 50 }, (_, i) => [
        String(i).padStart(2, '0'),
        documentOf('x', { at: at(Math.floor(i / 4)), seq: i + 1 }),
      ]);
      await fill(store, Object.fromEntries(documents) as Record<string, SearchDocument>);
      const expected = documents
        .map(([id]) => id as string)
        .toSorted((a, b) => Math.floor(Number(b) / 4) - Math.floor(Number(a) / 4) || Number(a) - Number(b));
      for (const every of [[], [clause('x')]]) {
        const all: string[] = [];
        for (let after: SearchQuery['after']; ;) {
          const { hits } = await store.search(things.name, queryOf({ every, limit: 7, after }));
          all.push(...hits.map(({ id }) => id));
          const last = hits.at(-1);
          if (last === undefined) break;
          after = { at: last.at, id: last.id };
        }
        expect(all).toEqual(expected);
      }
    });

    testOn(open)('say of each hit what it is', async (store) => {
      const body = documentOf('hello', { group: 'here', seq: 12, author: 'me', at: at(3) });
      await fill(store, { x: body });
      const { hits } = await store.search(things.name, wordsQuery('hello'));
      expect(hits).toEqual([{ id: 'x', group: 'here', seq: 12, author: 'me', at: at(3) }]);
    });

    testOn(open)('go by what is preferred first, and by relevance then', async (store) => {
      await fill(store, {
        accented: documentOf('cafe', { extras: '=café ~cafe', at: at(9) }),
        plain: documentOf('cafe', { at: at(1) }),
        longer: documentOf('cafe in a long street with many other houses and no end', { at: at(5) }),
      });
      const byRelevance = { ...wordsQuery('cafe'), sort: 'relevance' as const };
      const plainFirst = { ...byRelevance, preferred: [{ atom: atom('~cafe', 'extras'), wanted: false }] };
      expect(await ids(store, plainFirst)).toEqual(['plain', 'longer', 'accented']);
      const accentedFirst = { ...byRelevance, preferred: [{ atom: atom('=café', 'extras'), wanted: true }] };
      expect((await ids(store, accentedFirst))[0]).toBe('accented');
      const both = [...plainFirst.preferred, { atom: atom('street'), wanted: true }];
      expect((await ids(store, { ...byRelevance, preferred: both }))[0]).toBe('longer');
      expect(await ids(store, { ...wordsQuery('cafe'), sort: 'newest' })).toEqual(['accented', 'longer', 'plain']);
    });

    testOn(open)('by relevance can be read by offset, each hit once', async (store) => {
      const documents = Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`${i}`, documentOf('x '.repeat(i + 1).trim(), { at: at(i % 3) })]),
      );
      await fill(store, documents);
      const query = { ...wordsQuery('x'), sort: 'relevance' as const, limit: 7 };
      const all: string[] = [];
      for (let offset = 0; offset < 35; offset += 7) all.push(...(await ids(store, { ...query, offset })));
      expect(all.toSorted()).toEqual(Object.keys(documents).toSorted());
    });

    testOn(open)('without words are the newest, also by relevance', async (store) => {
      await fill(store, { a: documentOf('one', { at: at(1) }), b: documentOf('two', { at: at(2) }) });
      expect(await ids(store, queryOf({ sort: 'relevance' }))).toEqual(['b', 'a']);
    });

    testOn(open)('count facets over all that is found, as many values as are asked for', async (store) => {
      const documents = Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [
          `${i}`,
          documentOf(i < 50 ? 'x' : 'y', { group: `g${i % 3}`, author: `a${i % 7}`, seq: i + 1, at: at(i) }),
        ]),
      );
      await fill(store, documents);
      const query = { ...wordsQuery('x'), limit: 2, facets: 2 };
      expect(await store.search(things.name, query)).toMatchObject({
        groups: [
          { value: 'g0', count: 17 },
          { value: 'g1', count: 17 },
        ],
        authors: [
          { value: 'a0', count: 8 },
          { value: 'a1', count: 7 },
        ],
      });
      const later = { ...query, after: { at: at(10), id: '10' } };
      expect((await store.search(things.name, later)).groups[0]).toEqual({ value: 'g0', count: 17 });
      expect(await store.search(things.name, { ...query, facets: 0 })).toMatchObject({ groups: [], authors: [] });
    });
  });
};
