import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { Timestamp, type UserId } from '../domain/ids.ts';
import type { Atom, Clause, SearchQuery, SearchResult } from '../ports/search-store.ts';
import { hiddenLabel, mentionLabel } from '../projections/search/labels.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { FoundMessages, MessageSearch } from '../schemas/search.ts';
import { sizeOf, textQueryOf, type TextQuery } from '../search/clauses.ts';
import { partsOf } from '../search/query-parts.ts';
import type { Caller } from './caller.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { visibleTo } from './search-access.ts';
import { filtersOf, type Filters } from './search-filters.ts';
import { messageHits } from './search-hits.ts';
import { usersNamed } from './search-users.ts';

const mostTokens = 50;
const facetValues = 20;
/** By relevance nobody reads on for ever, and every page costs all those before it. */
const mostByRelevance = 2_000;

const Place = z.union([
  z.tuple([z.literal('newest'), Timestamp, z.string().max(200)]),
  z.tuple([z.literal('relevance'), z.int().min(1).max(mostByRelevance)]),
]);

const label = (token: string): Atom => ({ field: 'labels', tokens: [token] });
const anyLabel = (tokens: readonly string[]): readonly Clause[] => {
  const [first, ...rest] = tokens.map(label);
  return first === undefined ? [] : [[first, ...rest]];
};

const mentionsOf = async (
  reads: ReadModels,
  callerId: UserId,
  names: readonly string[],
): Promise<readonly string[]> => {
  const users = await usersNamed(
    reads,
    callerId,
    names.filter((name) => name !== 'everyone'),
  );
  const withAll = names.includes('everyone') || names.includes('me');
  return [...users, ...(withAll ? ['everyone'] : [])].map(mentionLabel);
};

const isFiltering = ({ before, notBefore, ...lists }: Filters): boolean =>
  before !== undefined || notBefore !== undefined || Object.values(lists).some(({ length }) => length > 0);

/** What the filters mean; undefined when they name somebody whom there is not, so that nothing can be found. */
const filterQuery = async (
  reads: ReadModels,
  { userId }: Caller,
  filters: Filters,
): Promise<Pick<SearchQuery, 'every' | 'none' | 'authors' | 'notAuthors' | 'from' | 'before'> | undefined> => {
  const authors = await usersNamed(reads, userId, filters.from);
  const mentioned = await mentionsOf(reads, userId, filters.mentions);
  if (filters.from.length > 0 && authors.length === 0) return undefined;
  if (filters.mentions.length > 0 && mentioned.length === 0) return undefined;
  const required = [...filters.has.map((has) => `has:${has}`), ...filters.is.map((is) => `is:${is}`)];
  const excluded = [...filters.hasNot.map((has) => `has:${has}`), ...filters.isNot.map((is) => `is:${is}`)];
  return {
    every: [...required.flatMap((each) => anyLabel([each])), ...anyLabel(mentioned)],
    none: anyLabel([...excluded, ...(await mentionsOf(reads, userId, filters.notMentions)), hiddenLabel(userId)]),
    authors: filters.from.length > 0 ? authors : undefined,
    notAuthors: await usersNamed(reads, userId, filters.notFrom),
    from: filters.notBefore,
    before: filters.before,
  };
};

const facetsOf = ({ groups, authors }: SearchResult): FoundMessages['facets'] => ({
  conversations: groups.map(({ value, count }) => ({ conversationId: value, count })),
  senders: authors.map(({ value, count }) => ({ userId: value, count })),
});

const nothing: SearchResult = { hits: [], groups: [], authors: [] };

const nextOf = (sort: SearchQuery['sort'], { hits }: SearchResult, limit: number, offset: number): string | null => {
  const last = hits[limit - 1];
  if (hits.length <= limit || last === undefined) return null;
  if (sort === 'newest') return encodeCursor(['newest', last.at, last.id]);
  return offset + limit > mostByRelevance ? null : encodeCursor(['relevance', offset + limit]);
};

const sizeChecked = (text: TextQuery, filters: Filters): TextQuery => {
  if (sizeOf(text) > mostTokens) throw new DomainError('search/too-complex');
  if (text.every.length + text.none.length === 0 && !isFiltering(filters)) throw new DomainError('search/empty');
  return text;
};

/**
 * Messages that the caller may see at this moment. Whoever waits for a position first finds all and only what the log
 * says at it. Throws `search/empty`, `search/invalid-operator`, `search/too-complex`.
 */
export const searchMessages = async (
  reads: ReadModels,
  caller: Caller,
  request: MessageSearch,
): Promise<FoundMessages> => {
  const parts = partsOf(request.q ?? '');
  const filters = filtersOf(
    request,
    parts.filter((part) => part.kind === 'operator'),
  );
  const text = sizeChecked(textQueryOf(parts.filter((part) => part.kind === 'text')), filters);
  const { limit, cursor, channels } = request;
  const sort = request.sort ?? (text.every.length > 0 ? 'relevance' : 'newest');
  const place = decodeCursor(Place, cursor);
  if (place !== undefined && place[0] !== sort) throw invalidCursor();
  const offset = place?.[0] === 'relevance' ? place[1] : 0;
  const filter = await filterQuery(reads, caller, filters);
  const visible = await visibleTo(reads, caller.userId, { in: filters.in, notIn: filters.notIn, channels });
  const query: SearchQuery | undefined = filter && {
    ...filter,
    every: [...text.every, ...filter.every],
    none: [...text.none, ...filter.none],
    preferred: text.preferred,
    visible,
    sort,
    offset,
    after: place?.[0] === 'newest' ? { at: place[1], id: place[2] } : undefined,
    limit: limit + 1,
    facets: place === undefined ? facetValues : 0,
  };
  const result = query === undefined ? nothing : await reads.search.messages(query);
  return {
    items: await messageHits(reads, caller.userId, result.hits.slice(0, limit), visible, text.every),
    next: nextOf(sort, result, limit, offset),
    facets: place === undefined ? facetsOf(result) : null,
  };
};

const invalidCursor = (): DomainError =>
  new DomainError('request/invalid', { errors: [{ path: 'query.cursor', message: 'must be a cursor of this sort' }] });
