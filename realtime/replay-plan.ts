import { catalog, type DomainEvent } from '../domain/catalog.ts';
import type { ConversationEvent } from '../domain/conversation/events.ts';
import { conversationStream } from '../domain/ids.ts';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import type { MemberDocument } from '../projections/feed/documents.ts';
import { fromPositionKey } from '../projections/projection.ts';
import type { ReadModels } from '../projections/queries.ts';
import { ownViewsOf } from './event-frames.ts';
import type { EventPlace } from './frame.ts';
import type { MembershipOf } from './listeners.ts';
import { ownChange } from './look-ups.ts';

export interface ReplayOptions {
  readonly events: EventStore;
  readonly models: ReadModels;
  readonly userId: string;
  readonly hidesReads: boolean;
  /** Missed is what lies after `since`, up to and with `until`. */
  readonly since: Position;
  readonly until: Position;
  /** At `until`. */
  readonly memberships: readonly MembershipOf[];
  readonly maxPerConversation: number;
  readonly max: number;
  readonly signal: AbortSignal;
}

/** What was missed of the user's own view of one conversation, told once, before its last event. */
export interface MissedOwnView {
  readonly position: Position;
  readonly hidden: readonly string[];
  readonly clearedSeq: number | undefined;
}

/** Which events were missed, in log order. The events themselves are read again when their turn comes. */
export interface ReplayPlan {
  readonly places: readonly EventPlace[];
  readonly ownViews: ReadonlyMap<string, MissedOwnView>;
  /** How the user sees each conversation: present ones, and those he has left meanwhile. */
  readonly memberships: ReadonlyMap<string, Reach>;
}

interface Reach extends MembershipOf {
  /** At `until`. */
  readonly isMember: boolean;
  /** Nothing from this revision on concerns the user. */
  readonly before: number | undefined;
}

/** Finds what was missed; undefined when it is more than is replayed. */
export const planReplay = async (options: ReplayOptions): Promise<ReplayPlan | undefined> => {
  const { models, userId, until, max, signal } = options;
  await models.waitFor(['feed'], until);
  const left = await leftConversations(options);
  const memberships = new Map<string, Reach>();
  for (const reach of left) memberships.set(reach.conversationId, reach);
  for (const membership of options.memberships) {
    memberships.set(membership.conversationId, { ...membership, isMember: true, before: undefined });
  }
  const places: EventPlace[] = [];
  const ownViews = new Map<string, MissedOwnView>();
  for (const { conversationId, isMember, before } of memberships.values()) {
    signal.throwIfAborted();
    const missed = await scan(options, conversationId, before);
    if (missed === undefined) return undefined;
    let wasMember = isMember;
    for (const recorded of missed) {
      const { event, joins, leaves } = read(recorded, userId);
      if (wasMember || leaves) {
        places.push({ conversationId, revision: recorded.revision, position: recorded.position });
        if (event && isMember) noteOwnView(ownViews, conversationId, userId, event, recorded.position);
      }
      if (leaves) wasMember = true;
      if (joins) wasMember = false;
      if (places.length > max) return undefined;
    }
  }
  places.sort((a, b) => (a.position < b.position ? -1 : 1));
  return { places, ownViews, memberships };
};

/** Conversations that the user was not in at `until`, but may have been in after `since`. */
const leftConversations = async ({
  models: { feed },
  userId,
  since,
  until,
}: ReplayOptions): Promise<readonly Reach[]> => {
  const left = await feed.leftSince(userId, since);
  // Whoever joined again after `until` is in neither list.
  const again = (await feed.memberships(userId))
    .map(({ member }) => member)
    .filter(({ joinedPosition }) => fromPositionKey(joinedPosition) > until);
  const conversations = await feed.conversations(left.concat(again).map(({ conversationId }) => conversationId));
  const historyOf = new Map(conversations.map(({ conversationId, settings }) => [conversationId, settings.history]));
  const seenBy = (member: MemberDocument, before: number | undefined) => ({
    conversationId: member.conversationId,
    sinceJoining: historyOf.get(member.conversationId) === 'since-joining',
    joinedSeq: member.joinedSeq,
    clearedSeq: member.clearedSeq,
    lastHiddenSeq: member.lastHiddenSeq,
    isMember: false,
    before,
  });
  return [
    // Of one who has left, the last event that others saw is the leaving.
    ...left.map((member) => seenBy(member, member.revision + 1)),
    ...again.map((member) => seenBy(member, undefined)),
  ];
};

/** The events of one conversation after `since`, newest first; undefined when they are too many. */
const scan = async (
  { events, since, until, maxPerConversation }: ReplayOptions,
  conversationId: string,
  before: number | undefined,
): Promise<readonly RecordedEvent[] | undefined> => {
  const found: RecordedEvent[] = [];
  const range = before === undefined ? {} : { before };
  for await (const recorded of events.readStreamBackwards(conversationStream(conversationId), range)) {
    if (recorded.position <= since) break;
    if (recorded.position > until) continue;
    if (found.length === maxPerConversation) return undefined;
    found.push(recorded);
  }
  return found;
};

const decisive: ReadonlySet<string> = new Set<DomainEvent['type']>([
  'ConversationStarted',
  'MemberAdded',
  'MemberRemoved',
  'MessageHidden',
  'OwnViewChanged',
  'HistoryCleared',
  'ReceiptsRecorded',
]);

const read = (recorded: RecordedEvent, userId: string) => {
  const event = decisive.has(recorded.type) ? (catalog.decode(recorded) as ConversationEvent) : undefined;
  const joins =
    (event?.type === 'MemberAdded' && event.data.userId === userId) ||
    (event?.type === 'ConversationStarted' && event.data.members.some((member) => member.userId === userId));
  const leaves = event?.type === 'MemberRemoved' && event.data.userId === userId;
  return { event, joins, leaves };
};

/** Called from the newest event to the oldest. */
const noteOwnView = (
  ownViews: Map<string, MissedOwnView>,
  conversationId: string,
  userId: string,
  event: ConversationEvent,
  position: Position,
): void => {
  if (!ownViewsOf(event).includes(userId)) return;
  const { hidden = [], clearedSeq } = ownChange(event);
  const later = ownViews.get(conversationId);
  ownViews.set(conversationId, {
    position: later?.position ?? position,
    hidden: [...hidden, ...(later?.hidden ?? [])],
    clearedSeq: later?.clearedSeq ?? clearedSeq,
  });
};
