import type { Kind, MutedUntil, Role, Settings } from '../../domain/conversation/values.ts';

export interface Preview {
  readonly messageId: string;
  readonly seq: number;
  readonly senderId: string;
  /** The first 200 characters; null when deleted or when there is no text. */
  readonly text: string | null;
  readonly kind: 'text' | 'attachment' | 'forwarded';
  readonly sentAt: string;
  readonly deletedAt: string | null;
  /** When its sender lets it disappear. */
  readonly expiresAt: string | null;
}

/** The head of a conversation: what its feed items have in common. Collection `conversations`, id `<conversationId>`. */
export interface ConversationDocument {
  readonly conversationId: string;
  readonly kind: Kind;
  readonly name: string | null;
  readonly topic: string | null;
  readonly avatarMediaId: string | null;
  readonly settings: Settings;
  /** As in the settings: for an index. */
  readonly retentionSeconds: number | null;
  readonly memberCount: number;
  readonly createdAt: string;
  readonly closedAt: string | null;
  readonly lastSeq: number;
  readonly lastActivityAt: string;
  readonly lastMessage: Preview | null;
  /** How many messages are deleted for everyone, and the highest seq among them (0: none). */
  readonly deletedCount: number;
  readonly lastDeletedSeq: number;
  /** Which messages they are, as `extendDigest` tells it. */
  readonly deletedDigest: string;
  /** Revision at which `settings.history` last became `all`; −1 where it was that from the start, or never. */
  readonly openedRevision: number;
  /** Revision and position (as `positionKey`) of the last event that members see as a change: no receipts, no own views. */
  readonly revision: number;
  readonly changedPosition: string;
  /** Folded name while it is an open channel, else null: what `GET /v1/channels` looks through. */
  readonly channelKey: string | null;
}

/** One user in one conversation, also after leaving. Collection `members`, id `<conversationId>/<userId>`. */
export interface MemberDocument {
  readonly conversationId: string;
  readonly userId: string;
  readonly role: Role;
  readonly joinedAt: string;
  readonly joinedSeq: number;
  /** What others see. The owner of the view reads `unreadFrom − 1` while `unreadFrom` is set. */
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly unreadFrom: number | null;
  readonly mutedUntil: MutedUntil;
  readonly pinned: boolean;
  readonly archived: boolean;
  readonly clearedSeq: number;
  /** Highest seq of the messages hidden by this user (0: none). */
  readonly lastHiddenSeq: number;
  /** How many they are, and which, as `extendDigest` tells it. */
  readonly hiddenCount: number;
  readonly hiddenDigest: string;
  readonly leftAt: string | null;
  /** Revision of the last event that changed what others see of this member. */
  readonly revision: number;
  /** Revision of the last event that cleared the history. */
  readonly clearedRevision: number;
  /** As `positionKey`: of the last joining, of the last leaving, and of the last change of this user's own feed item. */
  readonly joinedPosition: string;
  readonly leftPosition: string | null;
  readonly changedPosition: string;
  /** Equal to conversationId / userId while a member, else null: for indexes of present members only. */
  readonly memberOf: string | null;
  readonly memberId: string | null;
}

/** A message deleted for everyone. Collection `gaps`, id `<conversationId>/<seq>`. */
export interface GapDocument {
  readonly conversationId: string;
  readonly seq: number;
  /** Of the deletion. */
  readonly revision: number;
}

/** A message deleted for one user. Collection `hidden`, id `<conversationId>/<userId>/<messageId>`. */
export interface HiddenDocument {
  readonly conversationId: string;
  readonly userId: string;
  readonly messageId: string;
  readonly seq: number;
  readonly revision: number;
}

/**
 * A present mention of a user, or of `everyone`; where everyone is mentioned, single users are not kept.
 * Collection `mentions`, id `<conversationId>/<seq>/<target>`.
 */
export interface MentionDocument {
  readonly conversationId: string;
  readonly target: string;
  readonly seq: number;
}

/** How far one device has got. Collection `devicePointers`, id `<conversationId>/<userId>/<deviceId>`. */
export interface DevicePointerDocument {
  readonly conversationId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly delivered: number;
  readonly read: number;
}

/**
 * A device got this far at this time. Collection `receiptSteps`,
 * id `<conversationId>/<userId>/<deviceId>/<kind>/<seq>`.
 */
export interface ReceiptStepDocument {
  readonly conversationId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly kind: 'delivered' | 'read';
  readonly seq: number;
  readonly at: string;
}

/** Collection `invites`, id `<conversationId>/<inviteId>`. A withdrawn one is removed. */
export interface InviteDocument {
  readonly conversationId: string;
  readonly inviteId: string;
  readonly by: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly maxUses: number | null;
  readonly uses: number;
}

/** What a feed item is made of. */
export interface FeedEntry {
  readonly conversation: ConversationDocument;
  readonly member: MemberDocument;
  readonly unread: number;
  readonly mentions: number;
  /** The last message that the member can see. */
  readonly lastMessage: Preview | null;
}
