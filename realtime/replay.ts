import { catalog } from '../domain/catalog.ts';
import type { ConversationEvent } from '../domain/conversation/events.ts';
import { conversationStream } from '../domain/ids.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { Conversation } from '../schemas/conversation.ts';
import { conversationView } from '../services/views.ts';
import { EventFrames, messageOf, withoutLaterContent } from './event-frames.ts';
import { meFrame, type EventPlace, type Frame } from './frame.ts';
import { floorOf } from './listeners.ts';
import { readOwnViews } from './look-ups.ts';
import type { ReplayOptions, ReplayPlan } from './replay-plan.ts';

/** Bounds how much of a replay is in memory at once. */
const chunkLength = 200;

interface Missed {
  readonly place: EventPlace;
  readonly event: ConversationEvent;
}

/**
 * The frames of what was missed, in log order, as the live ones were, but with the read models' present word on
 * content: what was deleted, hidden or cleared since does not come back.
 */
export async function* replayFrames(options: ReplayOptions, plan: ReplayPlan): AsyncGenerator<Frame, void, undefined> {
  const { models, until } = options;
  await models.waitFor(['feed', 'timeline', 'profiles'], until);
  let previous = options.since;
  for (let start = 0; start < plan.places.length; start += chunkLength) {
    options.signal.throwIfAborted();
    const chunk = await readEvents(options, plan.places.slice(start, start + chunkLength));
    const found = await lookUp(options, plan, chunk);
    for (const { place, event } of chunk) {
      const { conversationId, position } = place;
      const own = plan.ownViews.get(conversationId);
      if (own?.position === position) {
        const { hidden, clearedSeq } = own;
        const [me] = await readOwnViews(models.feed, [{ conversationId, id: options.userId }]);
        const change = { ...(hidden.length > 0 && { hidden }), ...(clearedSeq !== undefined && { clearedSeq }) };
        if (me) yield meFrame(previous, { conversationId, me, ...change });
      }
      yield frameOf(options, plan, found, place, event);
      previous = position;
    }
  }
}

/** The events at these places, in the same order. */
const readEvents = async ({ events }: ReplayOptions, places: readonly EventPlace[]): Promise<readonly Missed[]> => {
  const read = new Map<EventPlace, ConversationEvent>();
  for (const [conversationId, wanted] of Map.groupBy(places, (place) => place.conversationId)) {
    const byRevision = new Map(wanted.map((place) => [place.revision, place]));
    const last = wanted.at(-1)!.revision;
    const range = { after: wanted[0]!.revision - 1 };
    for await (const recorded of events.readStream(conversationStream(conversationId), range)) {
      const place = byRevision.get(recorded.revision);
      if (place) read.set(place, catalog.decode(recorded) as ConversationEvent);
      if (recorded.revision >= last) break;
    }
  }
  return places.map((place) => ({ place, event: read.get(place)! }));
};

interface Found {
  readonly messages: ReadonlyMap<string, MessageDocument>;
  readonly hidden: ReadonlySet<string>;
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly hiding: ReadonlySet<string>;
}

const keyOf = (conversationId: string, messageId: string): string => `${conversationId}/${messageId}`;

const lookUp = async (
  { models: { timeline, feed, profiles }, userId }: ReplayOptions,
  { memberships }: ReplayPlan,
  chunk: readonly Missed[],
): Promise<Found> => {
  const messages = new Map<string, MessageDocument>();
  const hidden = new Set<string>();
  for (const [conversationId, missed] of Map.groupBy(chunk, ({ place }) => place.conversationId)) {
    const about = missed.flatMap(({ event }) => messageOf(event) ?? []);
    const ids = [...new Set(about.map(({ messageId }) => messageId))];
    if (ids.length === 0) continue;
    for (const message of await timeline.messages(conversationId, ids)) {
      messages.set(keyOf(conversationId, message.messageId), message);
    }
    if (memberships.get(conversationId)!.lastHiddenSeq === 0) continue;
    for (const { messageId } of await feed.hidden(conversationId, userId, ids)) {
      hidden.add(keyOf(conversationId, messageId));
    }
  }
  const added = chunk.filter(({ event }) => event.type === 'MemberAdded' && event.data.userId === userId);
  const documents = await feed.conversations([...new Set(added.map(({ place }) => place.conversationId))]);
  const readers = chunk.flatMap(({ event }) => (event.type === 'ReceiptsRecorded' ? event.data.receipts : []));
  const users = await profiles.users([...new Set(readers.map((reader) => reader.userId))]);
  return {
    messages,
    hidden,
    conversations: new Map(documents.map((document) => [document.conversationId, conversationView(document, null)])),
    hiding: new Set(users.filter(({ privacy }) => !privacy.readReceipts).map((user) => user.userId)),
  };
};

const frameOf = (
  { userId, hidesReads }: ReplayOptions,
  { memberships }: ReplayPlan,
  { messages, hidden, conversations, hiding }: Found,
  place: EventPlace,
  event: ConversationEvent,
): Frame => {
  const { conversationId } = place;
  const membership = memberships.get(conversationId)!;
  const about = messageOf(event);
  const sees =
    about === undefined ||
    (about.seq > floorOf(membership.sinceJoining, membership) && !hidden.has(keyOf(conversationId, about.messageId)));
  const view = conversations.get(conversationId);
  // A reply that the viewer has put away since still counts for its root: he gets it as one without content.
  const isCounted = !sees && event.type === 'MessageSent' && event.data.threadRootId !== null;
  const frames = new EventFrames(place, event, {
    message: (messageId) => {
      const now = messages.get(keyOf(conversationId, messageId));
      if (now === undefined) return undefined;
      if (isCounted) return { ...now, deletedAt: event.data.at };
      // Whoever has left must not read what the message became after that.
      return event.type === 'MessageEdited' && now.revision >= (membership.before ?? Infinity) ? undefined : now;
    },
    conversation:
      view && event.type === 'MemberAdded' && !membership.isMember
        ? withoutLaterContent(view, place, event.data)
        : view,
    hidesReads: (reader) => hiding.has(reader),
  });
  return frames.for({ userId, hidesReads, sees: sees || isCounted });
};
