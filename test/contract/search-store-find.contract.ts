import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { Atom, SearchDocument, SearchQuery, SearchStore } from '../../ports/search-store.ts';
import { testOn, type Open } from './opened.ts';
import { atom, clause, documentOf, queryOf, wordsQuery } from './search-documents.ts';
import { matches } from './search-model.ts';

const things = { name: 'things', fields: [], indexes: [] };

export const searchFindContract = (open: Open<SearchStore>): void => {
  const onDocuments = (
    name: string,
    documents: Readonly<Record<string, SearchDocument>>,
    body: (found: (query: SearchQuery) => Promise<readonly string[]>, store: SearchStore) => Promise<void>,
  ): void =>
    testOn(open)(name, async (store) => {
      await store.ensure([things]);
      await store.commit(
        Object.entries(documents).map(([id, document]) => ({
          collection: things.name,
          id,
          position: 1n,
          body: document,
        })),
      );
      const found = async (query: SearchQuery): Promise<readonly string[]> =>
        (await store.search(things.name, query)).hits.map(({ id }) => id).toSorted();
      await body(found, store);
    });

  describe('what a search store finds', () => {
    onDocuments(
      'are words, phrases and prefixes of whole tokens',
      {
        a: documentOf('the quick brown fox'),
        b: documentOf('the brown quick foxes'),
        c: documentOf('quick'),
      },
      async (found) => {
        expect(await found(wordsQuery('quick'))).toEqual(['a', 'b', 'c']);
        expect(await found(wordsQuery('quick', 'the'))).toEqual(['a', 'b']);
        expect(await found(wordsQuery('quick brown'))).toEqual(['a']);
        expect(await found(wordsQuery('fox'))).toEqual(['a']);
        expect(await found(wordsQuery('fox*'))).toEqual(['a', 'b']);
        expect(await found(wordsQuery('quick fo*'))).toEqual(['b']);
        expect(await found(wordsQuery('ox'))).toEqual([]);
        expect(await found(wordsQuery('the fox'))).toEqual([]);
        expect(await found(queryOf({ every: [clause('fox', 'foxes')] }))).toEqual(['a', 'b']);
        expect(await found(queryOf({ every: [clause('quick')], none: [clause('brown fox')] }))).toEqual(['b', 'c']);
        expect(await found(queryOf({ none: [clause('fox'), clause('foxes')] }))).toEqual(['c']);
      },
    );

    onDocuments(
      'are tokens of every writing and of code, exactly as they are',
      {
        a: documentOf('東京 京都 都 c++ ::'),
        b: documentOf('東京 京 c# .net école'),
        c: documentOf('สว วั ัส 👨‍👩‍👧 c шлюх ecole', { extras: '=c ~c', labels: ['x:1'] }),
        d: documentOf('foo_bar-baz/qux:@=~&$% שלום مرحبا'),
      },
      async (found) => {
        expect(await found(wordsQuery('c'))).toEqual(['c']);
        expect(await found(wordsQuery('c++'))).toEqual(['a']);
        expect(await found(wordsQuery('c#'))).toEqual(['b']);
        expect(await found(wordsQuery('c*'))).toEqual(['a', 'b', 'c']);
        expect(await found(wordsQuery('.net'))).toEqual(['b']);
        expect(await found(wordsQuery('東京'))).toEqual(['a', 'b']);
        expect(await found(wordsQuery('東京 京都'))).toEqual(['a']);
        expect(await found(wordsQuery('京*'))).toEqual(['a', 'b']);
        expect(await found(wordsQuery('ecole'))).toEqual(['c']);
        expect(await found(wordsQuery('école'))).toEqual(['b']);
        expect(await found(wordsQuery('👨‍👩‍👧'))).toEqual(['c']);
        expect(await found(wordsQuery('👨*'))).toEqual(['c']);
        expect(await found(wordsQuery('สว วั ัส'))).toEqual(['c']);
        expect(await found(wordsQuery('foo_bar-baz/qux:@=~&$%'))).toEqual(['d']);
        expect(await found(wordsQuery('foo'))).toEqual([]);
        expect(await found(wordsQuery('שלום مرحبا'))).toEqual(['d']);
        expect(await found(queryOf({ every: [[atom('=c', 'extras')], [atom('x:1', 'labels')]] }))).toEqual(['c']);
        expect(await found(wordsQuery('=c'))).toEqual([]);
      },
    );

    onDocuments(
      'takes nothing in a token for anything but a token',
      { a: documentOf('hello world'), b: documentOf('and or not near') },
      async (found) => {
        for (const token of ['"', '""', "'", '*', '?', 'hel?o', 'h.llo', '(', 'words', '{', '\\', '--'])
          expect([token, await found(wordsQuery(token))]).toEqual([token, []]);
        expect(await found(wordsQuery('or'))).toEqual(['b']);
        expect(await found(wordsQuery('not near'))).toEqual(['b']);
        expect(await found(wordsQuery('hello" or "and'))).toEqual([]);
      },
    );

    onDocuments(
      'is only what the groups let be seen, however many they are',
      Object.fromEntries(
        [1, 2, 3].flatMap((group) =>
          [1, 2, 3].map((seq) => [
            `${group}/${seq}`,
            documentOf('hello', { group: `g${group}`, seq, author: `a${seq}` }),
          ]),
        ),
      ),
      async (found, store) => {
        const many = Array.from({ length: 3_000 }, (_, i) => ({ group: `none${i}`, afterSeq: 0 }));
        for (const others of [[], many]) {
          for (const every of [[], [clause('hello')]]) {
            const visible = [
              { group: 'g1', afterSeq: 1 },
              { group: 'g3', afterSeq: 0 },
              { group: 'g2', afterSeq: 3 },
            ];
            const query = queryOf({ every, visible: [...visible, ...others], facets: 10 });
            expect(await found(query)).toEqual(['1/2', '1/3', '3/1', '3/2', '3/3']);
            const { groups, authors } = await store.search(things.name, query);
            expect(groups).toEqual([
              { value: 'g3', count: 3 },
              { value: 'g1', count: 2 },
            ]);
            expect(authors).toEqual([
              { value: 'a2', count: 2 },
              { value: 'a3', count: 2 },
              { value: 'a1', count: 1 },
            ]);
            expect(await found({ ...query, authors: ['a1', 'a2'] })).toEqual(['1/2', '3/1', '3/2']);
            expect(await found({ ...query, authors: [] })).toEqual([]);
            expect(await found({ ...query, notAuthors: ['a1', 'a2'] })).toEqual(['1/3', '3/3']);
          }
        }
        expect(await found(queryOf({ visible: [] }))).toEqual([]);
        expect(await found(queryOf())).toHaveLength(9);
      },
    );

    onDocuments(
      'lies in the time that is asked for',
      Object.fromEntries([1, 2, 3].map((day) => [`${day}`, documentOf('x', { at: `2018-02-0${day}T00:00:00.000Z` })])),
      async (found) => {
        const [from, before] = ['2018-02-02T00:00:00.000Z', '2018-02-03T00:00:00.000Z'];
        expect(await found({ ...wordsQuery('x'), from })).toEqual(['2', '3']);
        expect(await found({ ...wordsQuery('x'), before })).toEqual(['1', '2']);
        expect(await found(queryOf({ from, before }))).toEqual(['2']);
      },
    );

    const words = fc.constantFrom('a', 'ab', 'abc', 'b', '東京', '京', 'c++');
    const atoms: fc.Arbitrary<Atom> = fc.record({
      field: fc.constant('words' as const),
      tokens: fc.array(words, { minLength: 1, maxLength: 3 }).map((all) => all as [string, ...string[]]),
      prefix: fc.boolean(),
    });
    const clauses = fc.array(
      fc.array(atoms, { minLength: 1, maxLength: 2 }).map((all) => all as [Atom, ...Atom[]]),
      { maxLength: 2 },
    );
    const documents = fc.array(fc.array(words, { maxLength: 6 }), { minLength: 20, maxLength: 20 });

    testOn(open)('is what a scan finds', async (store) => {
      await store.ensure([things]);
      let position = 0n;
      await fc.assert(
        fc.asyncProperty(documents, fc.array(fc.tuple(clauses, clauses), { minLength: 5 }), async (texts, queries) => {
          position += 1n;
          const bodies = texts.map((text, i) => documentOf(text.join(' '), { group: `g${i % 3}` }));
          await store.commit(bodies.map((body, i) => ({ collection: things.name, id: `${i}`, position, body })));
          for (const [every, none] of queries) {
            const query = queryOf({ every, none });
            const ids = bodies.flatMap((body, i) => (matches(body, query) ? [`${i}`] : []));
            const { hits } = await store.search(things.name, query);
            expect(hits.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
          }
        }),
        { numRuns: 20 },
      );
    });
  });
};
