import type { ConversationEvent, ConversationEventOf } from '../domain/conversation/events.ts';
import { parseStream } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { Conversation } from '../schemas/conversation.ts';
import { conversationView } from '../services/views.ts';
import { EventFrames, messageOf, ownViewsOf } from './event-frames.ts';
import { meFrame, type EventPlace, type Frame } from './frame.ts';
import type { Wanted } from './look-ahead.ts';
import { floorOf, type ListenedConversation, type Listeners, type MembershipOf } from './listeners.ts';
import { ownChange, type LookUps } from './look-ups.ts';

/** Everything that must be read before one event can be pushed. */
interface Prepared {
  readonly message: MessageDocument | undefined;
  readonly conversation: Conversation | undefined;
  /** Members who have deleted the message that the event is about for themselves. */
  readonly hiddenFor: ReadonlySet<string>;
  /** `me` frames by user. */
  readonly own: ReadonlyMap<string, Frame>;
}

/** No message is over sooner than a second after it was sent. */
const lateMs = 1_000;

/** Above this number of members here, writing to all their sockets takes long enough to be divided. */
const many = 200;

export interface FanoutOptions {
  readonly listeners: Listeners;
  readonly lookUps: LookUps;
}

/**
 * Pushes one event of a conversation to everyone who listens to it on this node. An event nobody listens to costs a
 * look-up in a map. `previous` is the position before the event's own: a `me` frame carries it, because it goes out
 * first, and whoever comes back with it must get the event.
 */
export const pushEvent = async (
  { listeners, lookUps }: FanoutOptions,
  place: EventPlace,
  event: ConversationEvent,
  previous: Position,
): Promise<boolean> => {
  const isNew = listeners.conversation(place.conversationId) === undefined;
  const admitted = admit(listeners, place, event);
  const conversation = listeners.conversation(place.conversationId);
  if (conversation === undefined) return false;
  let prepared: Prepared;
  try {
    prepared = await prepare({ listeners, lookUps }, conversation, place, event, previous);
  } catch (error) {
    // The event will be pushed again, and whoever attaches before that must not be in the conversation yet.
    for (const userId of admitted) listeners.leave(userId, place.conversationId);
    throw error;
  }
  // Settings that changed later than this event are told by their own.
  if (isNew && prepared.conversation) conversation.sinceJoining = startsAtJoining(prepared.conversation);
  deliver(conversation, place, event, prepared, lookUps);
  settle(listeners, conversation, event);
  return true;
};

/** Lets the look-ups know what pushing these events will need, as far as it can be told before. */
export const expectLookUps = (lookUps: LookUps, listeners: Listeners, batch: readonly LoggedEvent[]): void => {
  const ownViews: Wanted[] = [];
  const messages: Wanted[] = [];
  for (const { stream, position, event: logged } of batch) {
    const { category, id: conversationId } = parseStream(stream);
    if (category !== 'conversation' || listeners.conversation(conversationId) === undefined) continue;
    const event = logged as ConversationEvent;
    for (const id of ownViewsOf(event)) if (listeners.user(id)) ownViews.push({ conversationId, id, position });
    if (event.type !== 'MessageSent' && event.type !== 'MessageEdited') continue;
    messages.push({ conversationId, id: event.data.messageId, position });
  }
  lookUps.ownViews.expect(ownViews);
  lookUps.messages.expect(messages);
};

const startsAtJoining = ({ settings }: Pick<Conversation, 'settings'>): boolean => settings.history === 'since-joining';

/** Joins whoever this event makes a member, so that it is the first that he gets. Returns whom of this node it has joined. */
const admit = (listeners: Listeners, { conversationId }: EventPlace, event: ConversationEvent): readonly string[] => {
  const join = (userId: string, seen: Omit<MembershipOf, 'conversationId'>): readonly string[] => {
    const user = listeners.user(userId);
    if (user === undefined) return [];
    const isMember = user.conversations.has(conversationId);
    listeners.join(user, { conversationId, ...seen });
    return isMember ? [] : [userId];
  };
  if (event.type === 'ConversationStarted') {
    const seen = { sinceJoining: startsAtJoining(event.data), joinedSeq: 0, clearedSeq: 0, lastHiddenSeq: 0 };
    return event.data.members.flatMap(({ userId }) => join(userId, seen));
  }
  if (event.type === 'MemberAdded') {
    const { userId, joinedSeq } = event.data;
    // Until the conversation is looked up, the stricter floor, and every message may be one that he had hidden before.
    return join(userId, { sinceJoining: true, joinedSeq, clearedSeq: 0, lastHiddenSeq: joinedSeq });
  }
  return [];
};

const prepare = async (
  { listeners, lookUps }: FanoutOptions,
  conversation: ListenedConversation,
  { conversationId, position }: EventPlace,
  event: ConversationEvent,
  previous: Position,
): Promise<Prepared> => {
  const { feed } = lookUps.models;
  let message: MessageDocument | undefined;
  let view: Conversation | undefined;
  if (event.type === 'MessageEdited' || isLate(event)) {
    message = await lookUps.messages.get({ conversationId, id: event.data.messageId, position });
  }
  if (event.type === 'ReceiptsRecorded') {
    const readers = event.data.receipts.filter(({ read }) => read !== undefined).map(({ userId }) => userId);
    await lookUps.learnPrivacy(readers, position);
  }
  if (event.type === 'MemberAdded' && conversation.members.has(event.data.userId)) {
    await lookUps.passed(['feed'], position);
    const document = await feed.conversation(conversationId);
    view = document && conversationView(document, null);
  }
  return {
    message,
    conversation: view,
    hiddenFor: await findHidden(lookUps, conversation, event, position),
    own: await ownFrames(lookUps, listeners, conversationId, event, position, previous),
  };
};

/** Sent so long ago that it may be over by now. */
const isLate = (event: ConversationEvent): event is ConversationEventOf<'MessageSent'> =>
  event.type === 'MessageSent' && Date.now() - Date.parse(event.data.at) >= lateMs;

const findHidden = async (
  lookUps: LookUps,
  { conversationId, members }: ListenedConversation,
  event: ConversationEvent,
  position: Position,
): Promise<ReadonlySet<string>> => {
  const about = event.type === 'MessageSent' ? undefined : messageOf(event);
  const hiddenFor = new Set<string>();
  if (about === undefined) return hiddenFor;
  for (const [userId, { membership }] of members) {
    if (membership.lastHiddenSeq < about.seq) continue;
    await lookUps.passed(['feed'], position);
    const found = await lookUps.models.feed.hidden(conversationId, userId, [about.messageId]);
    if (found.length > 0) hiddenFor.add(userId);
  }
  return hiddenFor;
};

const ownFrames = async (
  lookUps: LookUps,
  listeners: Listeners,
  conversationId: string,
  event: ConversationEvent,
  position: Position,
  previous: Position,
): Promise<ReadonlyMap<string, Frame>> => {
  const frames = new Map<string, Frame>();
  for (const userId of ownViewsOf(event)) {
    if (listeners.user(userId) === undefined) continue;
    const me = await lookUps.ownViews.get({ conversationId, id: userId, position });
    if (me) frames.set(userId, meFrame(previous, { conversationId, me, ...ownChange(event) }));
  }
  return frames;
};

const deliver = (
  { members, sinceJoining }: ListenedConversation,
  place: EventPlace,
  event: ConversationEvent,
  { message, conversation, hiddenFor, own }: Prepared,
  lookUps: LookUps,
): void => {
  const about = messageOf(event);
  const forMany = members.size > many;
  const frames = new EventFrames(place, event, {
    message: () => message,
    conversation,
    hidesReads: (userId) => lookUps.hidesReads(userId),
  });
  for (const [userId, { user, membership }] of members) {
    const sees = about === undefined || (about.seq > floorOf(sinceJoining, membership) && !hiddenFor.has(userId));
    const frame = frames.for({ userId, hidesReads: user.hidesReads, sees });
    const me = own.get(userId);
    for (const viewer of user.viewers) {
      if (me) viewer.receive(me);
      viewer.receive(frame, forMany);
    }
  }
};

/** What the event changes in who listens, and how much they see. */
const settle = (listeners: Listeners, conversation: ListenedConversation, event: ConversationEvent): void => {
  if (event.type === 'ConversationChanged' && event.data.settings) {
    conversation.sinceJoining = startsAtJoining({ settings: event.data.settings });
  }
  if (event.type === 'MemberRemoved') listeners.leave(event.data.userId, conversation.conversationId);
  if (event.type === 'HistoryCleared') {
    const membership = conversation.members.get(event.data.userId)?.membership;
    if (membership) membership.clearedSeq = Math.max(membership.clearedSeq, event.data.upToSeq);
  }
  if (event.type === 'MessageHidden') {
    const membership = conversation.members.get(event.data.userId)?.membership;
    if (membership) membership.lastHiddenSeq = Math.max(membership.lastHiddenSeq, event.data.seq);
  }
};
