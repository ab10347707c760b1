import type { ConversationId, UserId } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';
import { fromPositionKey } from '../projections/projection.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Sync } from '../schemas/sync.ts';
import type { Caller } from './caller.ts';
import type { Membership } from './feed.ts';
import { decodeSyncToken, encodeSyncToken, type SyncPlace } from './sync-token.ts';
import { feedItemView } from './views.ts';

/** Keeps a client's copy of its feed up to date. */
export interface SyncService {
  /** What changed after the token, oldest change first; without one everything, newest activity first. */
  sync(caller: Caller, token: string | undefined, limit: number): Promise<Sync>;
}

type Change = { readonly position: Position } & (
  | { readonly membership: Membership }
  | { readonly left: ConversationId }
);

const isOpen = ({ conversation }: Membership): boolean => conversation.closedAt === null;

const byActivity = (one: Membership, other: Membership): number => {
  const [a, b] = [one.conversation, other.conversation];
  if (a.lastActivityAt !== b.lastActivityAt) return a.lastActivityAt > b.lastActivityAt ? -1 : 1;
  return a.conversationId < b.conversationId ? -1 : 1;
};

const isAfter = (
  { conversation }: Membership,
  { lastActivityAt, conversationId }: Extract<SyncPlace, { kind: 'everything' }>,
): boolean =>
  conversation.lastActivityAt < lastActivityAt ||
  (conversation.lastActivityAt === lastActivityAt && conversation.conversationId > conversationId);

/** The last change of a feed item: of what all members see, or of the member's own part. */
const changeOf = (membership: Membership): Change => {
  const { member, conversation } = membership;
  const position = fromPositionKey(conversation.changedPosition);
  if (!isOpen(membership)) return { position, left: conversation.conversationId };
  const own = fromPositionKey(member.changedPosition);
  return { position: own > position ? own : position, membership };
};

export const createSyncService = (reads: ReadModels): SyncService => {
  const { feed } = reads;

  const show = async (
    memberships: readonly Membership[],
    left: readonly ConversationId[],
    token: SyncPlace,
  ): Promise<Sync> => ({
    conversations: (await feed.entries(memberships)).map(feedItemView),
    left: [...left],
    token: encodeSyncToken(token),
    more: token.kind !== 'done',
  });

  /** What changes while the walk goes on may be missed by it, and is told after `upTo`. */
  const everything = async (
    userId: UserId,
    upTo: Position,
    limit: number,
    after?: Extract<SyncPlace, { kind: 'everything' }>,
  ): Promise<Sync> => {
    const open = (await feed.memberships(userId)).filter(isOpen).sort(byActivity);
    const rest = after === undefined ? open : open.filter((membership) => isAfter(membership, after));
    const page = rest.slice(0, limit);
    const last = rest.length > limit ? page.at(-1) : undefined;
    if (last === undefined) return show(page, [], { kind: 'done', since: upTo });
    const { lastActivityAt, conversationId } = last.conversation;
    return show(page, [], { kind: 'everything', upTo, lastActivityAt, conversationId });
  };

  /** A conversation that changes again while the walk goes on leaves it, and is told after `upTo`. */
  const changes = async (userId: UserId, since: Position, upTo: Position, limit: number): Promise<Sync> => {
    const [memberships, former] = await Promise.all([feed.memberships(userId), feed.leftSince(userId, since)]);
    const changed = [
      ...memberships.map(changeOf),
      ...former.flatMap(({ conversationId, leftPosition }): Change[] =>
        leftPosition === null ? [] : [{ position: fromPositionKey(leftPosition), left: conversationId }],
      ),
    ]
      .filter(({ position }) => position > since && position <= upTo)
      .sort((one, other) => (one.position < other.position ? -1 : 1));
    const page = changed.slice(0, limit);
    const last = changed.length > limit ? page.at(-1) : undefined;
    return show(
      page.flatMap((change) => ('membership' in change ? [change.membership] : [])),
      page.flatMap((change) => ('left' in change ? [change.left] : [])),
      last === undefined ? { kind: 'done', since: upTo } : { kind: 'changes', since: last.position, upTo },
    );
  };

  return {
    async sync({ userId }, token, limit) {
      const place = token === undefined ? undefined : decodeSyncToken(token);
      // Asked for before anything is read, so that nothing read is older.
      const now = reads.position('feed');
      if (place === undefined) return everything(userId, now, limit);
      if (place.kind === 'everything') return everything(userId, place.upTo, limit, place);
      if (place.kind === 'changes') return changes(userId, place.since, place.upTo, limit);
      return changes(userId, place.since, now > place.since ? now : place.since, limit);
    },
  };
};
