import type { FacetCount, SearchHit, SearchResult } from '../../ports/search-store.ts';

interface Fields {
  readonly id: readonly [string];
  readonly group: readonly [string];
  readonly seq: readonly [number];
  readonly author: readonly [string];
  readonly at: readonly [string];
}

interface Facet {
  readonly buckets: readonly { readonly key: string; readonly doc_count: number }[];
}

/** The parts of OpenSearch's answer that a search asks for. */
export interface SearchAnswer {
  readonly hits: { readonly hits: readonly { readonly fields: Fields }[] };
  readonly aggregations?: { readonly groups: Facet; readonly authors: Facet };
}

const hitOf = ({ id, group, seq, author, at }: Fields): SearchHit => ({
  id: id[0],
  group: group[0],
  seq: seq[0],
  author: author[0],
  at: at[0],
});

const countsOf = (facet: Facet | undefined): readonly FacetCount[] =>
  (facet?.buckets ?? []).map(({ key, doc_count }) => ({ value: key, count: doc_count }));

export const resultOf = ({ hits, aggregations }: SearchAnswer): SearchResult => ({
  hits: hits.hits.map(({ fields }) => hitOf(fields)),
  groups: countsOf(aggregations?.groups),
  authors: countsOf(aggregations?.authors),
});
