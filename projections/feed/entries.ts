import { fromPositionKey } from '../projection.ts';
import type { ModelReader } from '../model-reader.ts';
import { timestamp, type Clock } from '../../ports/clock.ts';
import type { Position } from '../../ports/event-store.ts';
import type { TimelineQueries } from '../queries.ts';
import { computeConsistently } from './consistent.ts';
import type { FeedEntry, Preview } from './documents.ts';
import { readFloor, visibleAfter } from './floor.ts';
import { previewOf, shownPreview } from './preview.ts';
import { countMentions, countUnread, needsLookUp, type Membership } from './unread.ts';
import { tellUnread, type AbsenceSets } from './absence-sets.ts';

export interface EntrySources {
  readonly feed: ModelReader;
  readonly timeline: Pick<TimelineQueries, 'history'>;
  readonly clock: Clock;
  /** Resolves once the timeline has passed the position. */
  readonly timelinePast: (position: Position) => Promise<void>;
  /** Where unread messages are counted sooner than in the documents. */
  readonly absences?: AbsenceSets | undefined;
}

const nothing: ReadonlyMap<Membership, number> = new Map();

const toldBySets = async (
  { feed, absences }: Pick<EntrySources, 'feed' | 'absences'>,
  memberships: readonly Membership[],
): Promise<ReadonlyMap<Membership, number>> =>
  absences === undefined ? nothing : await tellUnread(feed, absences, memberships);

/** Every part of an entry is of one and the same moment; the memberships in it are those of that moment. */
export const readEntries = async (
  sources: EntrySources,
  memberships: readonly Membership[],
): Promise<readonly FeedEntry[]> => {
  const isTold = (membership: Membership): boolean =>
    membership.conversation.lastSeq <= readFloor(membership.conversation, membership.member) &&
    !isLastHidden(membership);
  const told = await toldBySets(sources, memberships);
  const computed = await computeConsistently(sources.feed, memberships, isTold, async (membership) => ({
    unread: told.get(membership) ?? (await countUnread(sources.feed, membership)),
    mentions: await countMentions(sources.feed, membership),
    lastMessage: await lastVisible(sources, membership),
  }));
  return computed.map(({ membership: { conversation, member }, result: { unread, mentions, lastMessage } }) => ({
    conversation,
    member,
    unread,
    mentions,
    lastMessage,
  }));
};

/** How many messages each member has not read, in the order given. */
export const readUnreadCounts = async (
  sources: Pick<EntrySources, 'feed' | 'absences'>,
  memberships: readonly Membership[],
): Promise<readonly number[]> => {
  const told = await toldBySets(sources, memberships);
  const computed = await computeConsistently(
    sources.feed,
    memberships,
    // What the sets tell is of the moment of the documents, so that it need not be read again either.
    (membership) => !needsLookUp(membership) || told.has(membership),
    async (membership) => told.get(membership) ?? (await countUnread(sources.feed, membership)),
  );
  return computed.map(({ result }) => result);
};

const isLastHidden = ({ member, conversation }: Membership): boolean =>
  conversation.lastMessage !== null && conversation.lastMessage.seq === member.lastHiddenSeq;

const lastVisible = async (
  { timeline, timelinePast, clock }: EntrySources,
  membership: Membership,
): Promise<Preview | null> => {
  const { conversation, member } = membership;
  const preview = conversation.lastMessage;
  const afterSeq = visibleAfter(conversation, member);
  if (preview === null || preview.seq <= afterSeq) return null;
  if (!isLastHidden(membership)) return shownPreview(preview, conversation.settings, timestamp(clock));
  await timelinePast(fromPositionKey(conversation.changedPosition));
  const visible = { conversationId: conversation.conversationId, userId: member.userId, afterSeq };
  // Not the newest page: a message sent since then would not belong to this moment.
  const { items } = await timeline.history(visible, { kind: 'before', seq: preview.seq }, 1);
  return items[0] === undefined ? null : previewOf(items[0]);
};
