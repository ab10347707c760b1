import type { MessageFacts } from '../domain/conversation/state.ts';
import type { Position } from '../ports/event-store.ts';
import type { SearchQuery, SearchResult } from '../ports/search-store.ts';
import type { BlockDocument, ContactDocument } from './contacts/documents.ts';
import type { DeviceDocument } from './devices/document.ts';
import type {
  ConversationDocument,
  FeedEntry,
  HiddenDocument,
  InviteDocument,
  MemberDocument,
} from './feed/documents.ts';
import type { UserDocument } from './profiles/document.ts';
import type { ScheduledDocument } from './scheduled/document.ts';
import type { MessageDocument } from './timeline/document.ts';

/** The part of a conversation that one reader can see. */
export interface Visibility {
  readonly conversationId: string;
  readonly userId: string;
  /** Only messages with a higher seq are visible: what was cleared, or before joining where that counts. */
  readonly afterSeq: number;
}

export interface MessagePage {
  readonly items: readonly MessageDocument[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** Where a page of history lies; none of them: the newest. */
export type HistoryAnchor =
  | { readonly kind: 'newest' }
  | { readonly kind: 'before'; readonly seq: number }
  | { readonly kind: 'after'; readonly seq: number }
  | { readonly kind: 'around'; readonly seq: number }
  | { readonly kind: 'at'; readonly time: string };

/** Messages, those whose time is over as deleted ones. Every page reads an index range of its own length; hidden messages are left out. */
export interface TimelineQueries {
  message(conversationId: string, messageId: string): Promise<MessageDocument | undefined>;
  messages(conversationId: string, messageIds: readonly string[]): Promise<readonly MessageDocument[]>;
  history(visible: Visibility, anchor: HistoryAnchor, limit: number): Promise<MessagePage>;
  /** Replies in the thread of `rootId`, ascending by seq; the root itself is not among them. */
  thread(visible: Visibility, rootId: string, anchor: HistoryAnchor, limit: number): Promise<MessagePage>;
  /** Newest pin first; `before` is the (pinnedAt, messageId) of the last item of the page before. */
  pins(
    visible: Visibility,
    before: readonly [pinnedAt: string, messageId: string] | undefined,
    limit: number,
  ): Promise<readonly MessageDocument[]>;
  /** Changed after `since`, ascending by revision, then seq. Hidden ones are left out. At most `limit`. */
  changedSince(visible: Visibility, since: number, limit: number): Promise<readonly MessageDocument[]>;
  /** Messages that are not deleted and whose own time was over by then, that first whose time was over first. */
  due(until: string, limit: number): Promise<readonly MessageDocument[]>;
  /** The messages of the conversation that are not deleted, oldest first. */
  oldestKept(conversationId: string, limit: number): Promise<readonly MessageDocument[]>;
  /** What the decider needs of messages that its state no longer holds; absent ones are reported as absent. */
  recall(conversationId: string, messageIds: readonly string[]): Promise<readonly MessageFacts[]>;
}

export interface FeedQueries {
  conversation(conversationId: string): Promise<ConversationDocument | undefined>;
  conversations(conversationIds: readonly string[]): Promise<readonly ConversationDocument[]>;
  /** Also one who has left (`leftAt`). */
  member(conversationId: string, userId: string): Promise<MemberDocument | undefined>;
  /** Present members in order of joining; `after` is the (joinedAt, userId) of the last one of the page before. */
  members(
    conversationId: string,
    after: readonly [joinedAt: string, userId: string] | undefined,
    limit: number,
  ): Promise<readonly MemberDocument[]>;
  /** Every conversation the user is a member of, with its head, closed ones too; no counts. */
  memberships(userId: string): Promise<readonly { member: MemberDocument; conversation: ConversationDocument }[]>;
  /** Memberships that ended after `since` and were not taken up again. */
  leftSince(userId: string, since: Position): Promise<readonly MemberDocument[]>;
  /** Unread, mentions and last visible message of each. */
  entries(
    memberships: readonly { member: MemberDocument; conversation: ConversationDocument }[],
  ): Promise<readonly FeedEntry[]>;
  /** Whether each has unread messages, by the cheapest look-up that can tell; same order. */
  unreadCounts(
    memberships: readonly { member: MemberDocument; conversation: ConversationDocument }[],
  ): Promise<readonly number[]>;
  /** Members, also former ones, whose public side changed after `since`, ascending by revision. */
  membersChangedSince(conversationId: string, since: number, limit: number): Promise<readonly MemberDocument[]>;
  hiddenSince(conversationId: string, userId: string, since: number): Promise<readonly HiddenDocument[]>;
  hidden(conversationId: string, userId: string, messageIds: readonly string[]): Promise<readonly HiddenDocument[]>;
  /** How far every device has got with one message: when its delivered and read pointers passed `seq`. Paged by user and device. */
  receiptsOf(
    conversationId: string,
    seq: number,
    after: readonly [userId: string, deviceId: string] | undefined,
    limit: number,
  ): Promise<readonly { userId: string; deviceId: string; deliveredAt: string | null; readAt: string | null }[]>;
  invites(conversationId: string): Promise<readonly InviteDocument[]>;
  invite(conversationId: string, inviteId: string): Promise<InviteDocument | undefined>;
  /** Conversations that keep messages for a time only, by that time, then id; `after` is both of the last one of the page before. */
  withRetention(
    after: readonly [retentionSeconds: number, conversationId: string] | undefined,
    limit: number,
  ): Promise<readonly ConversationDocument[]>;
  /** Open channels by folded name; `prefix` is folded the same way. */
  channels(
    prefix: string,
    after: readonly [channelKey: string, conversationId: string] | undefined,
    limit: number,
  ): Promise<readonly ConversationDocument[]>;
}

export interface ProfileQueries {
  user(userId: string): Promise<UserDocument | undefined>;
  users(userIds: readonly string[]): Promise<readonly UserDocument[]>;
  userByUsername(username: string): Promise<UserDocument | undefined>;
  /**
   * Prefix of username or folded display name, each user once: those by username first, ascending by it, then those by
   * display name, ascending by it. `after` is the username of the last one of the page before.
   */
  usersByPrefix(prefix: string, after: string | undefined, limit: number): Promise<readonly UserDocument[]>;
}

/** What stands between a user and one other. */
export interface Relation {
  readonly isContact: boolean;
  /** One of the two has blocked the other. */
  readonly isBlocked: boolean;
}

export interface ContactQueries {
  /** Of every other one asked for. */
  relations(userId: string, otherIds: readonly string[]): Promise<ReadonlyMap<string, Relation>>;
  contact(userId: string, otherId: string): Promise<ContactDocument | undefined>;
  contacts(userId: string, after: string | undefined, limit: number): Promise<readonly ContactDocument[]>;
  block(userId: string, otherId: string): Promise<BlockDocument | undefined>;
  blocks(userId: string, after: string | undefined, limit: number): Promise<readonly BlockDocument[]>;
}

/** What is to be sent later. */
export interface ScheduledQueries {
  /** Of one user in one conversation, ascending by (sendAt, messageId); `after` is that of the last one of the page before. */
  sends(
    userId: string,
    conversationId: string,
    after: readonly [sendAt: string, messageId: string] | undefined,
    limit: number,
  ): Promise<readonly ScheduledDocument[]>;
  /** Those whose time has come by then and that have not failed, in the order of their times. */
  due(until: string, limit: number): Promise<readonly ScheduledDocument[]>;
}

export interface DeviceQueries {
  devices(userId: string): Promise<readonly DeviceDocument[]>;
}

export interface SearchQueries {
  /** Hits have the id `<conversationId>/<messageId>`. */
  messages(query: SearchQuery): Promise<SearchResult>;
  /** Hits have the id `user/<userId>` or `conversation/<conversationId>`. */
  names(query: SearchQuery): Promise<SearchResult>;
}

export type ReadModelName = 'timeline' | 'feed' | 'profiles' | 'contacts' | 'devices' | 'scheduled' | 'search';

/** Everything that reads ask. `waitFor` first, then the queries: they see at least that position. */
export interface ReadModels {
  readonly timeline: TimelineQueries;
  readonly feed: FeedQueries;
  readonly profiles: ProfileQueries;
  readonly contacts: ContactQueries;
  readonly devices: DeviceQueries;
  readonly scheduled: ScheduledQueries;
  readonly search: SearchQueries;
  /** Resolves once each named model has passed `position`; for the timeline, the feed has to as well. Throws `read-model/behind` after 2 s, or at once while parked. */
  waitFor(names: readonly ReadModelName[], position: Position): Promise<void>;
  /** Up to where the model is done; what was read before asking is not older than this says. */
  position(name: ReadModelName): Position;
}
