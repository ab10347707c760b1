import { z } from 'zod';
import { Timestamp, Uuid } from '../ids.ts';
import { Attachment, Custom, ForwardedFrom, Kind, Mention, MutedUntil, Role, Settings } from './values.ts';

const Seq = z.int().positive();
const about = { messageId: Uuid, seq: Seq, at: Timestamp };

/**
 * The facts of a conversation, in their current shape. A changed shape adds an upcaster in ../catalog.ts.
 * What a person wrote stands in `content`, apart from who, when and in what order.
 */
export const conversationEvents = {
  ConversationStarted: z.object({
    conversationId: Uuid,
    kind: Kind,
    startedBy: Uuid,
    members: z.array(z.object({ userId: Uuid, role: Role })).min(1),
    settings: Settings,
    /** A direct conversation has neither name nor topic. */
    content: z.object({ name: z.string().nullable(), topic: z.string().nullable() }),
    at: Timestamp,
  }),
  /** Only what changed. `settings` is whole. */
  ConversationChanged: z.object({
    by: Uuid,
    settings: Settings.optional(),
    avatarMediaId: Uuid.nullable().optional(),
    content: z.object({ name: z.string().optional(), topic: z.string().nullable().optional() }).optional(),
    at: Timestamp,
  }),
  ConversationClosed: z.object({ by: Uuid, at: Timestamp }),

  /** `joinedSeq` is the conversation's last seq at that moment: the new member's read pointer starts there. */
  MemberAdded: z.object({
    userId: Uuid,
    role: Role,
    by: Uuid,
    inviteId: Uuid.nullable(),
    joinedSeq: z.int().min(0),
    at: Timestamp,
  }),
  MemberRoleChanged: z.object({ userId: Uuid, role: Role, by: Uuid, at: Timestamp }),
  MemberRemoved: z.object({ userId: Uuid, by: Uuid, at: Timestamp }),

  InviteCreated: z.object({
    inviteId: Uuid,
    by: Uuid,
    expiresAt: Timestamp,
    maxUses: z.int().positive().nullable(),
    at: Timestamp,
  }),
  InviteWithdrawn: z.object({ inviteId: Uuid, by: Uuid, at: Timestamp }),

  MessageSent: z.object({
    ...about,
    senderId: Uuid,
    content: z.object({ text: z.string().nullable(), custom: Custom.nullable() }),
    attachments: z.array(Attachment),
    mentions: z.array(Mention),
    replyTo: Uuid.nullable(),
    /** The root of the thread this message stands in. */
    threadRootId: Uuid.nullable(),
    forwardedFrom: ForwardedFrom.nullable(),
    /** When it disappears, as its sender wished; what the conversation's retention says is not in it. */
    expiresAt: Timestamp.nullable(),
    /** Digest of the content as the client sent it (before a forwarded content was copied in): tells a repeat from a reuse. */
    sentDigest: z.string(),
  }),
  /** Only what changed. `previousMentions` stands beside `mentions`. */
  MessageEdited: z.object({
    ...about,
    by: Uuid,
    content: z.object({ text: z.string().nullable().optional(), custom: Custom.nullable().optional() }),
    attachments: z.array(Attachment).optional(),
    mentions: z.array(Mention).optional(),
    previousMentions: z.array(Mention).optional(),
  }),
  /**
   * For everyone; by null: its time was over. `mentions` are those the message had, so that whoever kept them can forget
   * them.
   */
  MessageDeleted: z.object({ ...about, by: Uuid.nullable(), mentions: z.array(Mention) }),
  /** Deleted for one member only. */
  MessageHidden: z.object({ ...about, userId: Uuid }),
  ReactionAdded: z.object({ ...about, userId: Uuid, emoji: z.string() }),
  ReactionRemoved: z.object({ ...about, userId: Uuid, emoji: z.string() }),
  MessagePinned: z.object({ ...about, by: Uuid }),
  MessageUnpinned: z.object({ ...about, by: Uuid }),

  /** Receipts of one or more devices, only what advanced. `read` implies `delivered` at least as high, and ends `unreadFrom`. */
  ReceiptsRecorded: z.object({
    receipts: z
      .array(z.object({ userId: Uuid, deviceId: Uuid, delivered: Seq.optional(), read: Seq.optional() }))
      .min(1),
    at: Timestamp,
  }),

  /** A member's own view, only what changed. `unreadFrom` set the read pointer back to the seq before it. */
  OwnViewChanged: z.object({
    userId: Uuid,
    mutedUntil: MutedUntil.optional(),
    pinned: z.boolean().optional(),
    archived: z.boolean().optional(),
    unreadFrom: Seq.optional(),
    at: Timestamp,
  }),
  HistoryCleared: z.object({ userId: Uuid, upToSeq: z.int().min(0), at: Timestamp }),
} as const;

type Schemas = typeof conversationEvents;
export type ConversationEvent = {
  [Type in keyof Schemas]: { readonly type: Type; readonly data: Readonly<z.infer<Schemas[Type]>> };
}[keyof Schemas];
export type ConversationEventOf<Type extends ConversationEvent['type']> = Extract<ConversationEvent, { type: Type }>;
