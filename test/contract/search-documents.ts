import type { Atom, Clause, SearchDocument, SearchQuery, TokenField } from '../../ports/search-store.ts';

export const documentOf = (words: string, more: Partial<SearchDocument> = {}): SearchDocument => ({
  words,
  extras: '',
  labels: [],
  group: 'g',
  seq: 1,
  author: 'a',
  at: '2018-02-01T00:00:00.000Z',
  kept: {},
  ...more,
});

/** `foo bar` is a phrase, `foo*` a prefix. */
export const atom = (text: string, field: TokenField = 'words'): Atom => {
  const prefix = text.endsWith('*');
  const [first, ...rest] = (prefix ? text.slice(0, -1) : text).split(' ');
  return { field, tokens: [first!, ...rest], ...(prefix && { prefix }) };
};

export const clause = (...texts: readonly [string, ...string[]]): Clause => {
  const [first, ...rest] = texts;
  return [atom(first), ...rest.map((text) => atom(text))];
};

export const queryOf = (more: Partial<SearchQuery> = {}): SearchQuery => ({
  every: [],
  none: [],
  preferred: [],
  visible: 'all',
  sort: 'newest',
  limit: 100,
  facets: 0,
  ...more,
});

/** All of these words. */
export const wordsQuery = (...texts: readonly string[]): SearchQuery =>
  queryOf({ every: texts.map((text) => clause(text)) });
