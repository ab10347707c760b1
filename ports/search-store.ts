import type { ProjectedStore } from './document-store.ts';

/**
 * What is searched of one thing. Tokens are made by the caller and taken as they are: a store neither folds nor splits
 * them but at the single spaces between them. A token has no white space, no control characters, no capitals of ASCII,
 * and of the marks of ASCII only those in `tokenMarks`.
 */
export interface SearchDocument {
  /** Tokens in the order of the text: phrases are found here. */
  readonly words: string;
  /** Further tokens, whose order says nothing. */
  readonly extras: string;
  /** Keywords to filter by: one token each, without spaces. */
  readonly labels: readonly string[];
  /** Who may see it is decided by group and `seq`. */
  readonly group: string;
  readonly seq: number;
  readonly author: string;
  /** RFC 3339, UTC, with milliseconds, so that text order is order in time. */
  readonly at: string;
  /** Kept and given back by `getMany`, never searched. */
  readonly kept: Readonly<Record<string, string | number | boolean | null>>;
}

/** The marks of ASCII that a token may have. */
export const tokenMarks = '.+#_-/:@=~&$%';

export type TokenField = 'words' | 'extras' | 'labels';

/** Consecutive tokens of one field; in `extras` and `labels` exactly one. */
export interface Atom {
  readonly field: TokenField;
  readonly tokens: readonly [string, ...string[]];
  /** The last token only begins so: every continuation counts; after other tokens, at least 1,000 of them. */
  readonly prefix?: boolean;
}

/** Met by a document that meets at least one of the atoms. */
export type Clause = readonly [Atom, ...Atom[]];

/** Of what is found, documents that meet more of these come first. */
export interface Preference {
  readonly atom: Atom;
  /** False: those are preferred that do not meet it. */
  readonly wanted: boolean;
}

/** A group that may be seen, and the seq after which its documents may. */
export interface VisibleGroup {
  readonly group: string;
  readonly afterSeq: number;
}

export interface SearchQuery {
  /** All of them are met. None: everything is found that nothing else keeps out. */
  readonly every: readonly Clause[];
  /** None of them is met. */
  readonly none: readonly Clause[];
  readonly preferred: readonly Preference[];
  /** Nothing else is found, counted or told of. Thousands are to be expected. */
  readonly visible: readonly VisibleGroup[] | 'all';
  /** By one of these. */
  readonly authors?: readonly string[] | undefined;
  /** By none of these. */
  readonly notAuthors?: readonly string[] | undefined;
  /** `at` no earlier than this. */
  readonly from?: string | undefined;
  /** `at` earlier than this. */
  readonly before?: string | undefined;
  /** `relevance`: by preferences met, then as the product ranks, then as `newest`: `at` descending, then id ascending. */
  readonly sort: 'relevance' | 'newest';
  /** Results to pass over; for `relevance`. */
  readonly offset?: number | undefined;
  /** The last one of the page before; for `newest`. */
  readonly after?: { readonly at: string; readonly id: string } | undefined;
  readonly limit: number;
  /** How many values each facet shall have at most; 0: no facets. */
  readonly facets: number;
}

export interface SearchHit {
  readonly id: string;
  readonly group: string;
  readonly seq: number;
  readonly author: string;
  readonly at: string;
}

/** How many of all that is found have this value. */
export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** The most frequent first, equal ones by value; counted over all that is found, not over the page. */
  readonly groups: readonly FacetCount[];
  readonly authors: readonly FacetCount[];
}

/**
 * Collections of search documents; the bodies of all writes are `SearchDocument`s, and a spec's fields and indexes say
 * nothing. What was committed is found by every search begun after; what was removed or replaced is found no more, and
 * nothing of it stays on disk longer than a few seconds where the product lets that be decided.
 */
export interface SearchStore extends ProjectedStore {
  /** Throws `UnknownCollection`. The set found is exact; only the ranking is the product's own. */
  search(collection: string, query: SearchQuery): Promise<SearchResult>;
}
