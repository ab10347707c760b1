import type { Map, OrderedMap, Set } from 'immutable';
import type { ConversationId, DeviceId, MessageId, Timestamp, UserId } from '../ids.ts';
import type { Heap } from './heap.ts';
import type { Kind, Mention, MutedUntil, Role, Settings } from './values.ts';

/** Digests of a message's present content, field by field; null where the field is empty. */
export interface ContentDigests {
  readonly text: string | null;
  readonly attachments: string | null;
  readonly custom: string | null;
}

export interface KnownMessage {
  readonly status: 'sent' | 'deleted';
  readonly messageId: MessageId;
  readonly seq: number;
  readonly senderId: UserId;
  readonly sentAt: Timestamp;
  readonly expiresAt: Timestamp | null;
  readonly threadRootId: MessageId | null;
  readonly pinned: boolean;
  readonly mentions: readonly Mention[];
  readonly reactions: Map<string, Set<UserId>>;
  readonly hiddenBy: Set<UserId>;
  /** Tells a repeated send from a reused id; null once deleted. */
  readonly sentDigest: string | null;
  readonly digests: ContentDigests;
}

/** What the state knows of a message id: a message, or that there has never been one. */
export type MessageFacts = KnownMessage | { readonly status: 'absent'; readonly messageId: MessageId };

export interface DevicePointers {
  readonly delivered: number;
  readonly read: number;
}

export interface MemberState {
  readonly userId: UserId;
  readonly role: Role;
  readonly joinedAt: Timestamp;
  readonly joinedSeq: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly devices: Map<DeviceId, DevicePointers>;
  readonly mutedUntil: MutedUntil;
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly unreadFrom: number | null;
  readonly clearedSeq: number;
}

export interface InviteState {
  readonly by: UserId;
  readonly expiresAt: Timestamp;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly withdrawn: boolean;
}

/** A message that the state holds, and the time (milliseconds since the epoch) until which it must stay. */
export interface HeldMessage {
  readonly facts: MessageFacts;
  /** Infinite for one that was recalled: its time is counted from the next event. */
  readonly until: number;
}

export interface StartedConversation {
  readonly status: 'open' | 'closed';
  readonly conversationId: ConversationId;
  readonly kind: Kind;
  readonly startedBy: UserId;
  /** Digests tell whether a change changes anything; the texts stay where they can be forgotten. */
  readonly nameDigest: string | null;
  readonly topicDigest: string | null;
  readonly avatarMediaId: string | null;
  readonly settings: Settings;
  /** In order of joining. */
  readonly members: OrderedMap<UserId, MemberState>;
  readonly lastSeq: number;
  readonly lastAt: Timestamp;
  /** Messages sent or touched lately. */
  readonly messages: Map<MessageId, HeldMessage>;
  /** Each of `messages` once, but for the recalled ones, by a time that is not after its `until`. */
  readonly expiry: Heap<MessageId> | undefined;
  /** Messages put back since the last event, oldest first. */
  readonly recalled: readonly MessageId[];
  /** Without those that had expired when the last one was made. */
  readonly invites: Map<string, InviteState>;
  /** Each of `invites` once, by its expiry. */
  readonly inviteExpiry: Heap<string> | undefined;
}

export type ConversationState = { readonly status: 'absent' } | StartedConversation;
