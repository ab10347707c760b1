import { z } from 'zod';
import { Kind, MutedUntil, Role, Settings } from '../domain/conversation/values.ts';
import { limits } from '../domain/limits.ts';
import { Timestamp, Uuid } from './common.ts';
import { MessagePreview } from './message.ts';
import { text } from './text.ts';

export const ConversationName = text({ min: 1, max: limits.conversationNameCharacters });
export const Topic = text({ max: limits.topicCharacters });

export const OwnView = z
  .strictObject({
    role: Role,
    joinedAt: Timestamp,
    mutedUntil: MutedUntil,
    pinned: z.boolean(),
    archived: z.boolean(),
    readSeq: z.int(),
    deliveredSeq: z.int(),
  })
  .meta({ id: 'OwnView' });
export type OwnView = Readonly<z.infer<typeof OwnView>>;

export const Conversation = z
  .strictObject({
    conversationId: Uuid,
    kind: Kind,
    name: z.string().nullable(),
    topic: z.string().nullable(),
    avatarMediaId: Uuid.nullable(),
    settings: Settings,
    memberCount: z.int(),
    createdAt: Timestamp,
    closedAt: Timestamp.nullable(),
    lastSeq: z.int(),
    revision: z.int(),
    me: OwnView.nullable(),
  })
  .meta({ id: 'Conversation' });
export type Conversation = Readonly<z.infer<typeof Conversation>>;

export const Member = z
  .strictObject({ userId: Uuid, role: Role, joinedAt: Timestamp, readSeq: z.int(), deliveredSeq: z.int() })
  .meta({ id: 'Member' });
export type Member = Readonly<z.infer<typeof Member>>;

export const FeedItem = z
  .strictObject({
    conversation: Conversation,
    unread: z.int(),
    mentions: z.int(),
    lastMessage: MessagePreview.nullable(),
    lastActivityAt: Timestamp,
  })
  .meta({ id: 'FeedItem' });
export type FeedItem = Readonly<z.infer<typeof FeedItem>>;

export const Invite = z
  .strictObject({
    token: z.string(),
    url: z.string(),
    expiresAt: Timestamp,
    maxUses: z.int().nullable(),
    uses: z.int(),
  })
  .meta({ id: 'Invite' });
export type Invite = Readonly<z.infer<typeof Invite>>;

/** A UUID of any version but 5: those are the ids of direct conversations, which nobody may take. */
const ClientMadeId = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-46-9a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);

export const NewConversation = z.strictObject({
  conversationId: ClientMadeId.optional(),
  kind: z.enum(['group', 'channel']),
  name: ConversationName,
  topic: Topic.nullable().optional(),
  memberIds: z.array(Uuid).max(limits.memberIdsInOneCall).optional(),
  settings: Settings.partial().optional(),
});
export type NewConversation = z.infer<typeof NewConversation>;

export const ConversationPatch = z.strictObject({
  name: ConversationName.optional(),
  topic: Topic.nullable().optional(),
  avatarMediaId: Uuid.nullable().optional(),
  settings: Settings.partial().optional(),
});
export type ConversationPatch = z.infer<typeof ConversationPatch>;

export const MemberBody = z.strictObject({ role: Role.optional() });

export const OwnViewPatch = z.strictObject({
  mutedUntil: MutedUntil.optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  unreadFrom: z.int().positive().optional(),
});
export type OwnViewPatch = z.infer<typeof OwnViewPatch>;

export const InviteBody = z.strictObject({
  expiresInSeconds: z.int().min(1).max(31_536_000).optional(),
  maxUses: z.int().min(1).max(1_000_000).optional(),
});
export type InviteBody = z.infer<typeof InviteBody>;
