import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { directConversationId, type UserId } from '../domain/ids.ts';
import type { SearchQuery } from '../ports/search-store.ts';
import type { ConversationDocument, MemberDocument } from '../projections/feed/documents.ts';
import { foldedKey } from '../projections/folding.ts';
import type { UserDocument } from '../projections/profiles/document.ts';
import type { ReadModels } from '../projections/queries.ts';
import { labels, userGroup } from '../projections/search/labels.ts';
import type { Page } from '../schemas/common.ts';
import type { Conversation } from '../schemas/conversation.ts';
import type { NameSearch } from '../schemas/search.ts';
import type { User } from '../schemas/user.ts';
import { nameRank } from '../search/name-match.ts';
import { nameQueryOf } from '../search/names.ts';
import type { Caller } from './caller.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { conversationView, userView } from './views.ts';

/** As many names as are looked at; who has more to choose from types another letter. */
const mostCandidates = 300;

const Place = z.tuple([z.int().min(1).max(mostCandidates)]);

interface Candidate<Item> {
  readonly item: Item;
  readonly names: readonly string[];
  readonly id: string;
}

/** Ids of what may have such a name, those first that have it as it was typed. */
const candidates = async (
  { search }: ReadModels,
  q: string,
  scope: Pick<SearchQuery, 'visible'> & { readonly label?: string },
): Promise<readonly string[]> => {
  const query = nameQueryOf(q);
  if (query === undefined) throw new DomainError('search/empty');
  const { hits } = await search.names({
    every: [
      ...query.every,
      ...(scope.label === undefined ? [] : [[{ field: 'labels', tokens: [scope.label] }] as const]),
    ],
    none: [],
    preferred: query.preferred,
    visible: scope.visible,
    sort: 'relevance',
    limit: mostCandidates,
    facets: 0,
  });
  return hits.map(({ id }) => id.slice(id.indexOf('/') + 1));
};

/** The best first, then by name. */
const pageOf = <Item>(found: readonly Candidate<Item>[], { q, cursor, limit }: NameSearch): Page<Item> => {
  const [start] = decodeCursor(Place, cursor) ?? [0];
  const ranked = found
    .map((candidate) => ({
      ...candidate,
      rank: nameRank(q, candidate.names),
      key: `${foldedKey(candidate.names[0] ?? '')}\0${candidate.id}`,
    }))
    .filter(({ rank }) => rank !== Infinity)
    .toSorted((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : Number(a.key > b.key)));
  const end = start + limit;
  return {
    items: ranked.slice(start, end).map(({ item }) => item),
    next: end < ranked.length ? encodeCursor([end]) : null,
  };
};

const usersLike = async (reads: ReadModels, q: string): Promise<readonly UserDocument[]> => {
  const ids = await candidates(reads, q, { visible: [{ group: userGroup, afterSeq: 0 }] });
  return await reads.profiles.users(ids);
};

const namesOf = ({ displayName, username }: UserDocument): readonly string[] => [displayName, username];

export const searchUsers = async (reads: ReadModels, request: NameSearch): Promise<Page<User>> => {
  const found = await usersLike(reads, request.q);
  return pageOf(
    found.map((user) => ({ item: userView(user), names: namesOf(user), id: user.userId })),
    request,
  );
};

const conversationCandidate = (
  conversation: ConversationDocument,
  member: MemberDocument | null,
  names: readonly string[],
): Candidate<Conversation> => ({
  item: conversationView(conversation, member),
  names,
  id: conversation.conversationId,
});

/** The caller's own, open ones: by their names, direct ones by the other's. */
export const searchConversations = async (
  reads: ReadModels,
  { userId }: Caller,
  request: NameSearch,
): Promise<Page<Conversation>> => {
  const memberships = (await reads.feed.memberships(userId)).filter(
    ({ conversation }) => conversation.closedAt === null,
  );
  const visible = memberships.map(({ conversation }) => ({ group: conversation.conversationId, afterSeq: 0 }));
  const named = new Set(await candidates(reads, request.q, { visible }));
  const partners = new Map(
    (await usersLike(reads, request.q)).map((user): [string, UserDocument] => [directWith(userId, user.userId), user]),
  );
  const found = memberships.flatMap(({ conversation, member }) => {
    const { conversationId, kind, name } = conversation;
    const partner = kind === 'direct' ? partners.get(conversationId) : undefined;
    if (partner !== undefined) return [conversationCandidate(conversation, member, namesOf(partner))];
    return name !== null && named.has(conversationId) ? [conversationCandidate(conversation, member, [name])] : [];
  });
  return pageOf(found, request);
};

const directWith = (userId: UserId, otherId: UserId): string => directConversationId(userId, otherId);

/** Open channels, whoever is in them. */
export const searchChannels = async (
  reads: ReadModels,
  { userId }: Caller,
  request: NameSearch,
): Promise<Page<Conversation>> => {
  const ids = await candidates(reads, request.q, { visible: 'all', label: labels.openChannel });
  const channels = (await reads.feed.conversations(ids)).filter(({ channelKey }) => channelKey !== null);
  const found = await Promise.all(
    channels.map(async (channel) => {
      const member = (await reads.feed.member(channel.conversationId, userId)) ?? null;
      return conversationCandidate(channel, member, [channel.name ?? '']);
    }),
  );
  return pageOf(found, request);
};
