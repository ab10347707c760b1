import { expect, test } from 'vitest';
import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import type { SearchQuery } from '../../../ports/search-store.ts';
import { clause, queryOf } from '../../contract/search-documents.ts';

const groups = (count: number) => Array.from({ length: count }, (_, i) => ({ group: `g${i}`, afterSeq: 0 }));
const words = { every: [clause('word')], sort: 'relevance', facets: 10 } as const;
const times = { from: '2018-01-01T00:00:00.000Z', before: '2018-01-02T00:00:00.000Z' };

test.each<[string, Partial<SearchQuery>, RegExp]>([
  ['words in a few conversations', { ...words, visible: groups(3) }, /^SCAN things:tokens VIRTUAL TABLE INDEX/],
  [
    'words in thousands of conversations',
    { ...words, visible: groups(3_000) },
    /^SCAN things:tokens VIRTUAL TABLE INDEX/,
  ],
  ['the messages of a few conversations', { visible: groups(3) }, /^SCAN things:tokens VIRTUAL TABLE INDEX/],
  ['the messages of a sender', { visible: groups(3_000), authors: ['a'] }, /^SCAN things:tokens VIRTUAL TABLE INDEX/],
  ['a day in thousands of conversations', { visible: groups(3_000), ...times }, /^SEARCH d USING INDEX things:at/],
])('%s begin with an index and go on row by row', async (_, more, first) => {
  await using store = new SqliteSearchStore(':memory:');
  await store.ensure([{ name: 'things', fields: [], indexes: [] }]);
  const plan = store.explain('things', queryOf(more));
  const found = plan.find((step) => /^(?:SCAN|SEARCH) (?!json_each)/.test(step));
  expect(found).toMatch(first);
  expect(plan.filter((step) => /^SCAN d\b/.test(step))).toEqual([]);
  expect(plan.some((step) => /^SEARCH v(?:isible)? USING AUTOMATIC/.test(step))).toBe(true);
});
