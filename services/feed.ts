import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { Timestamp, Uuid, type ConversationId, type UserId } from '../domain/ids.ts';
import type { ConversationDocument, MemberDocument } from '../projections/feed/documents.ts';
import type { FeedQueries, ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { FeedItem } from '../schemas/conversation.ts';
import type { Caller } from './caller.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Paging } from './history.ts';
import { feedItemView } from './views.ts';

export interface FeedFilter {
  /** Only those with unread messages. */
  readonly unread: boolean;
  /** Only archived ones, only others, or both. */
  readonly archived: 'only' | 'none' | 'all';
}

/** The list of a user's conversations: pinned, then unread, then by last activity. */
export interface FeedService {
  /** Later pages keep the order of the first one, and leave out what the caller is no longer in. */
  page(caller: Caller, filter: FeedFilter, paging: Paging): Promise<Page<FeedItem>>;
}

export interface Membership {
  readonly member: MemberDocument;
  readonly conversation: ConversationDocument;
}

interface Ranked extends Membership {
  readonly unread: number;
}

/** The order of a first page and how far the reader has got; then the same once more by the values that it follows. */
const Place = z.tuple([Uuid, z.int().positive(), z.boolean(), z.boolean(), Timestamp, Uuid]);
type Rank = readonly [pinned: boolean, unread: boolean, lastActivityAt: string, conversationId: string];

const rankOf = ({ member, conversation, unread }: Ranked): Rank => [
  member.pinned,
  unread > 0,
  conversation.lastActivityAt,
  conversation.conversationId,
];

const compareRanks = (one: Rank, other: Rank): number => {
  if (one[0] !== other[0]) return one[0] ? -1 : 1;
  if (one[1] !== other[1]) return one[1] ? -1 : 1;
  if (one[2] !== other[2]) return one[2] > other[2] ? -1 : 1;
  return one[3] < other[3] ? -1 : Number(one[3] > other[3]);
};

const isListed = ({ member, conversation }: Membership, { archived }: FeedFilter): boolean =>
  conversation.closedAt === null && (archived === 'all' || member.archived === (archived === 'only'));

const ranked = async (feed: FeedQueries, userId: UserId, filter: FeedFilter): Promise<readonly Ranked[]> => {
  const listed = (await feed.memberships(userId)).filter((membership) => isListed(membership, filter));
  const counts = await feed.unreadCounts(listed);
  return listed
    .map(({ member, conversation }, index) => ({ member, conversation, unread: counts[index] ?? 0 }))
    .filter(({ unread }) => !filter.unread || unread > 0)
    .sort((one, other) => compareRanks(rankOf(one), rankOf(other)));
};

/** Orders of first pages are remembered for a while, this many conversation ids in all. */
const rememberedIds = 200_000;
const rememberedMs = 15 * 60_000;

export const createFeedService = ({ feed }: Pick<ReadModels, 'feed'>): FeedService => {
  const orders = new LRUCache<string, { readonly userId: UserId; readonly ids: readonly ConversationId[] }>({
    maxSize: rememberedIds,
    sizeCalculation: ({ ids }) => ids.length,
    ttl: rememberedMs,
  });

  const present = async (userId: UserId, ids: readonly ConversationId[]): Promise<readonly Membership[]> => {
    const [conversations, members] = await Promise.all([
      feed.conversations(ids),
      Promise.all(ids.map((conversationId) => feed.member(conversationId, userId))),
    ]);
    const heads = new Map(conversations.map((conversation) => [conversation.conversationId, conversation]));
    return members.flatMap((member) => {
      const conversation = member?.leftAt === null ? heads.get(member.conversationId) : undefined;
      return member === undefined || conversation?.closedAt !== null ? [] : [{ member, conversation }];
    });
  };

  const show = async (memberships: readonly Membership[]): Promise<FeedItem[]> =>
    (await feed.entries(memberships)).map(feedItemView);

  const firstPage = async (
    userId: UserId,
    filter: FeedFilter,
    limit: number,
    after?: Rank,
  ): Promise<Page<FeedItem>> => {
    const all = await ranked(feed, userId, filter);
    const rest = after === undefined ? all : all.filter((item) => compareRanks(rankOf(item), after) > 0);
    const page = rest.slice(0, limit);
    const last = rest.length > limit ? page.at(-1) : undefined;
    const items = await show(page);
    if (last === undefined) return { items, next: null };
    const order = randomUUID();
    orders.set(order, { userId, ids: rest.map(({ conversation }) => conversation.conversationId) });
    return { items, next: encodeCursor([order, limit, ...rankOf(last)]) };
  };

  return {
    async page({ userId }, filter, { cursor, limit }) {
      const place = decodeCursor(Place, cursor);
      if (place === undefined) return firstPage(userId, filter, limit);
      const [order, offset, ...rank] = place;
      const remembered = orders.get(order);
      // Forgotten, or of another process: what has kept its place since then follows in the same order.
      if (remembered?.userId !== userId) return firstPage(userId, filter, limit, rank);
      const end = offset + limit;
      const items = await show(await present(userId, remembered.ids.slice(offset, end)));
      return { items, next: end < remembered.ids.length ? encodeCursor([order, end, ...rank]) : null };
    },
  };
};
