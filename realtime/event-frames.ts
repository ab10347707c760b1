import type { ConversationEvent, ConversationEventOf } from '../domain/conversation/events.ts';
import { unreachable } from '../domain/unreachable.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { Conversation } from '../schemas/conversation.ts';
import { messageView } from '../services/views.ts';
import { eventFrame, type EventPlace, type Frame } from './frame.ts';
import { replayedMessage, sentMessage } from './message-frames.ts';
import type { EventBody, Receipt } from './protocol.ts';

/** What frames need beside the event itself, looked up before. */
export interface LookedUp {
  /** The message as it is now; asked for edits, and for sends only where they are replayed. */
  message(messageId: string): MessageDocument | undefined;
  /** The conversation as all see it alike, for the one who was added. */
  readonly conversation?: Conversation | undefined;
  hidesReads(userId: string): boolean;
}

export interface Look {
  readonly userId: string;
  readonly hidesReads: boolean;
  /** False: the event is about a message that the viewer cannot see. */
  readonly sees: boolean;
}

/** The frames of one event, each made when the first viewer needs it, and only once. */
export class EventFrames {
  readonly #place: EventPlace;
  readonly #event: ConversationEvent;
  readonly #found: LookedUp;
  readonly #made = new Map<string, Frame>();

  constructor(place: EventPlace, event: ConversationEvent, found: LookedUp) {
    this.#place = place;
    this.#event = event;
    this.#found = found;
  }

  for({ userId, hidesReads, sees }: Look): Frame {
    const { type, data } = this.#event;
    if (!sees) return this.#once('hidden', () => ({ type: 'hidden' }));
    if (type === 'ReceiptsRecorded' && hidesReads) {
      return this.#once('no reads', () => receiptsBody(data.receipts, () => true));
    }
    if (type === 'MemberAdded' && data.userId === userId) return this.#once('own', () => this.#addedBody(data));
    if (type === 'MemberRemoved' && data.userId === userId) return this.#once('own', () => this.#body(), true);
    return this.#once('all', () => this.#body());
  }

  #once(variant: string, body: () => EventBody, leaves = false): Frame {
    return this.#made.getOrInsertComputed(variant, () => {
      const event = body();
      const at = event.type === 'hidden' ? {} : { at: this.#event.data.at };
      return eventFrame(this.#place, event, { leaves, ...at });
    });
  }

  #addedBody({ userId, role }: ConversationEventOf<'MemberAdded'>['data']): EventBody {
    const { conversation } = this.#found;
    return { type: 'memberAdded', userId, role, ...(conversation && { conversation }) };
  }

  #body(): EventBody {
    const event = this.#event;
    const { conversationId, revision } = this.#place;
    switch (event.type) {
      case 'ConversationStarted':
        return { type: 'conversationStarted', conversation: startedConversation(this.#place, event) };
      case 'ConversationChanged': {
        const { settings, avatarMediaId, content } = event.data;
        return { type: 'conversationChanged', ...content, avatarMediaId, settings };
      }
      case 'ConversationClosed':
        return { type: 'conversationClosed', by: event.data.by };
      case 'MessageSent': {
        const sent = sentMessage(conversationId, revision, event);
        const now = this.#found.message(event.data.messageId);
        return { type: 'messageSent', message: now === undefined ? sent : replayedMessage(sent, now) };
      }
      case 'MessageEdited': {
        const now = this.#found.message(event.data.messageId);
        return now === undefined ? { type: 'hidden' } : { type: 'messageEdited', message: messageView(now, null) };
      }
      case 'MessageDeleted':
        return { type: 'messageDeleted', messageId: event.data.messageId, seq: event.data.seq };
      case 'ReactionAdded':
      case 'ReactionRemoved': {
        const { messageId, userId, emoji } = event.data;
        return { type: event.type === 'ReactionAdded' ? 'reactionAdded' : 'reactionRemoved', messageId, userId, emoji };
      }
      case 'MessagePinned':
        return { type: 'pinned', messageId: event.data.messageId, by: event.data.by };
      case 'MessageUnpinned':
        return { type: 'unpinned', messageId: event.data.messageId, by: event.data.by };
      case 'ReceiptsRecorded':
        return receiptsBody(event.data.receipts, (userId) => this.#found.hidesReads(userId));
      case 'MemberAdded':
        return { type: 'memberAdded', userId: event.data.userId, role: event.data.role };
      case 'MemberRoleChanged':
        return { type: 'memberChanged', userId: event.data.userId, role: event.data.role };
      case 'MemberRemoved':
        return { type: 'memberRemoved', userId: event.data.userId, by: event.data.by };
      case 'InviteCreated':
      case 'InviteWithdrawn':
      case 'MessageHidden':
      case 'OwnViewChanged':
      case 'HistoryCleared':
        return { type: 'hidden' };
      default:
        return unreachable(event);
    }
  }
}

/** A read pointer that must not be seen is told as what it implies: delivered at least as far. */
const receiptsBody = (receipts: readonly Receipt[], hides: (userId: string) => boolean): EventBody => ({
  type: 'receipts',
  receipts: receipts.map((receipt) => {
    const { userId, deviceId, delivered, read } = receipt;
    if (read === undefined || !hides(userId)) return receipt;
    return { userId, deviceId, delivered: Math.max(delivered ?? 0, read) };
  }),
});

const startedConversation = (
  { conversationId, revision }: EventPlace,
  { data }: ConversationEventOf<'ConversationStarted'>,
): Conversation => ({
  conversationId,
  kind: data.kind,
  ...data.content,
  avatarMediaId: null,
  settings: data.settings,
  memberCount: data.members.length,
  createdAt: data.at,
  closedAt: null,
  lastSeq: 0,
  revision,
  me: null,
});

/** What the added one learns of a conversation that he has left since: nothing that came after he left. */
export const withoutLaterContent = (
  view: Conversation,
  { revision }: EventPlace,
  { joinedSeq }: ConversationEventOf<'MemberAdded'>['data'],
): Conversation => ({
  ...view,
  name: null,
  topic: null,
  avatarMediaId: null,
  closedAt: null,
  lastSeq: joinedSeq,
  revision,
});

/** The message that an event is about, if it exists apart from the event. */
export const messageOf = (
  event: ConversationEvent,
): { readonly messageId: string; readonly seq: number } | undefined => {
  switch (event.type) {
    case 'MessageSent':
    case 'MessageEdited':
    case 'MessageDeleted':
    case 'ReactionAdded':
    case 'ReactionRemoved':
    case 'MessagePinned':
    case 'MessageUnpinned':
      return event.data;
    default:
      return undefined;
  }
};

/** Users whose own view of the conversation the event changed, apart from senders: their messages tell them. */
export const ownViewsOf = (event: ConversationEvent): readonly string[] => {
  switch (event.type) {
    case 'MessageHidden':
    case 'OwnViewChanged':
    case 'HistoryCleared':
      return [event.data.userId];
    case 'ReceiptsRecorded':
      return [...new Set(event.data.receipts.map(({ userId }) => userId))];
    default:
      return [];
  }
};
