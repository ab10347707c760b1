import type { Atom, Clause, SearchQuery, VisibleGroup } from '../../ports/search-store.ts';
import { isRemoved } from './index-shape.ts';

type Query = Readonly<Record<string, object>>;

/** How many continuations of the last token of a phrase are looked for. */
const mostContinuations = 1_024;

/** So small that all that a text scores counts less than one preference. */
const textBoost = 2 ** -12;

const allOf = (filter: readonly Query[]): Query => ({ bool: { filter } });
const anyOf = (should: readonly Query[]): Query => ({ bool: { should, minimum_should_match: 1 } });
const noneOf = (must_not: readonly Query[]): Query => ({ bool: { must_not } });
const nothing: Query = { match_none: {} };

/** Tokens stand in a query as values only, so that none of them can be taken for part of its language. */
const atomQuery = ({ field, tokens, prefix = false }: Atom): Query => {
  const [token] = tokens;
  if (tokens.some((each) => each === '' || /\s/.test(each))) return nothing;
  if (tokens.length === 1) {
    return prefix ? { prefix: { [field]: { value: token } } } : { term: { [field]: { value: token } } };
  }
  const phrase = { query: tokens.join(' '), slop: 0 };
  return prefix
    ? { match_phrase_prefix: { [field]: { ...phrase, max_expansions: mostContinuations } } }
    : { match_phrase: { [field]: phrase } };
};

const clauseQuery = (clause: Clause): Query =>
  clause.length === 1 ? atomQuery(clause[0]) : anyOf(clause.map(atomQuery));

const pointInTime = (text: string): number => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new TypeError('A search has a time that is none');
  return ms;
};

/**
 * Groups seen from their beginning are one filter, however many there are. Of the others each document's own number is
 * compared: a clause for each of thousands would be more than OpenSearch takes.
 */
const visibleQuery = (visible: readonly VisibleGroup[]): Query => {
  const floors = new Map<string, number>();
  for (const { group, afterSeq } of visible) {
    floors.set(group, Math.min(afterSeq, floors.get(group) ?? Number.POSITIVE_INFINITY));
  }
  const [partly, wholly] = [
    [...floors].filter(([, floor]) => floor > 0),
    [...floors].filter(([, floor]) => floor <= 0),
  ];
  const inGroups = (groups: readonly (readonly [string, number])[]): Query => ({
    terms: { group: groups.map(([group]) => group) },
  });
  const source = 'doc["seq"].value > params.floors[doc["group"].value]';
  const script = { script: { script: { source, params: { floors: Object.fromEntries(partly) } } } };
  return anyOf([inGroups(wholly), allOf([inGroups(partly), script])]);
};

const filtersOf = ({ visible, authors, from, before }: SearchQuery): readonly Query[] => {
  const time = {
    ...(from !== undefined && { gte: pointInTime(from) }),
    ...(before !== undefined && { lt: pointInTime(before) }),
  };
  return [
    ...(visible === 'all' ? [] : [visibleQuery(visible)]),
    ...(authors === undefined ? [] : [{ terms: { author: authors } }]),
    ...(Object.keys(time).length === 0 ? [] : [{ range: { at: { ...time, format: 'epoch_millis' } } }]),
  ];
};

const scored = (query: SearchQuery): Query => {
  const { every, none, notAuthors = [], preferred, sort } = query;
  const clauses = every.map(clauseQuery);
  const filters = filtersOf(query);
  const must_not = [isRemoved, ...none.map(clauseQuery), { terms: { author: notAuthors } }];
  if (sort === 'newest') return { bool: { filter: [...clauses, ...filters], must_not } };
  const preferences = preferred.map(({ atom, wanted }) => ({
    constant_score: { filter: wanted ? atomQuery(atom) : noneOf([atomQuery(atom)]) },
  }));
  const text = clauses.length === 0 ? [] : [{ bool: { must: clauses, boost: textBoost } }];
  return { bool: { must: text, filter: filters, must_not, should: preferences } };
};

const facet = (field: string, size: number): object => ({ terms: { field, size } });

/** A query in OpenSearch's own language. Throws TypeError for a time that is none. */
export const searchBody = (query: SearchQuery) => {
  const { sort, limit, offset = 0, after, facets } = query;
  const byTime = [{ at: { order: 'desc' } }, { id: { order: 'asc' } }];
  return {
    query: scored(query),
    sort: sort === 'newest' ? byTime : [{ _score: { order: 'desc' } }, ...byTime],
    size: limit,
    ...(sort === 'relevance' ? { from: offset } : after && { search_after: [pointInTime(after.at), after.id] }),
    _source: false,
    track_total_hits: false,
    docvalue_fields: ['id', 'group', 'seq', 'author', { field: 'at', format: 'strict_date_time' }],
    ...(facets > 0 && { aggs: { groups: facet('group', facets), authors: facet('author', facets) } }),
  };
};
