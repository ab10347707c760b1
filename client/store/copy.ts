import type { Conversation, FeedItem, Member } from '../../schemas/conversation.ts';
import type { Message, MessagePreview } from '../../schemas/message.ts';

/** Messages without a hole between them: all that the user can see with `from` < seq, up to `to`. */
export interface MessageWindow {
  readonly from: number;
  /** null: up to the newest one, and it follows what comes. */
  readonly to: number | null;
  /** Whether there may be older ones that the user can see. */
  readonly hasBefore: boolean;
  /** Ascending by seq. */
  readonly messages: readonly Message[];
}

/**
 * What was counted in `floor` < seq ≤ `upTo`, kept current by events after `revision`. What lies behind `upTo` is
 * counted in the window, which reaches from `upTo` or before to the newest message, or else `upTo` is that.
 */
export interface Counted {
  readonly unread: number;
  readonly mentions: number;
  readonly floor: number;
  readonly upTo: number;
  readonly revision: number;
}

/** One conversation as this device knows it. Never changed, only replaced. */
export interface Copy {
  /** As at `head.revision`, the last change that all members see; `me` is the user's own view. */
  readonly head: Conversation;
  /** Every event up to this revision is in the copy. */
  readonly revision: number;
  /** Whether the next event must have the next revision. False after a feed item: events that nobody sees follow it. */
  readonly isExact: boolean;
  readonly counted: Counted;
  readonly lastMessage: MessagePreview | null;
  readonly lastActivityAt: string;
  readonly window: MessageWindow;
  /** null: not loaded. */
  readonly members: ReadonlyMap<string, Member> | null;
  /** Somebody looks at it: more of it is kept. */
  readonly isOpen: boolean;
  /** Something happened that this device cannot work out: the feed has to be asked. */
  readonly isStale: boolean;
  /** The same of the members. */
  readonly areMembersStale: boolean;
}

const emptyWindow = (lastSeq: number): MessageWindow => ({ from: lastSeq, to: null, hasBefore: true, messages: [] });

export const countedOf = ({
  conversation,
  unread,
  mentions,
}: Pick<FeedItem, 'conversation' | 'unread' | 'mentions'>): Counted => {
  const { me, lastSeq, revision } = conversation;
  return { unread, mentions, floor: me?.readSeq ?? 0, upTo: lastSeq, revision };
};

/** A conversation of which only the feed is known. */
export const copyOfItem = ({ conversation, unread, mentions, lastMessage, lastActivityAt }: FeedItem): Copy => ({
  head: conversation,
  revision: conversation.revision,
  isExact: false,
  counted: countedOf({ conversation, unread, mentions }),
  lastMessage,
  lastActivityAt,
  window: emptyWindow(conversation.lastSeq),
  members: null,
  isOpen: false,
  isStale: false,
  areMembersStale: false,
});

/** A conversation that was told of by an event; what its user's own view is, the feed has to say. */
export const copyOfEvent = (conversation: Conversation, revision: number, at: string): Copy => {
  const { lastSeq, createdAt } = conversation;
  const me = {
    role: 'member',
    joinedAt: at,
    mutedUntil: null,
    pinned: false,
    archived: false,
    readSeq: lastSeq,
    deliveredSeq: lastSeq,
  } as const;
  const item = { unread: 0, mentions: 0, lastMessage: null, lastActivityAt: createdAt };
  return {
    ...copyOfItem({ ...item, conversation: { ...conversation, me } }),
    revision,
    isExact: true,
    isStale: true,
  };
};
