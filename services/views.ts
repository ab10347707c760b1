import type { ConversationDocument, FeedEntry, MemberDocument, Preview } from '../projections/feed/documents.ts';
import { ownReadSeq } from '../projections/feed/floor.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { UserDocument } from '../projections/profiles/document.ts';
import type { Conversation, FeedItem, Member, OwnView } from '../schemas/conversation.ts';
import type { Message, MessagePreview } from '../schemas/message.ts';
import type { User } from '../schemas/user.ts';

/** A message as `viewerId` sees it; without a viewer, what all see alike, and null for what depends on who looks. */
export const messageView = (
  document: MessageDocument,
  viewerId: string | null,
  state: Message['state'] = null,
): Message => ({
  messageId: document.messageId,
  conversationId: document.conversationId,
  seq: document.seq,
  revision: document.revision,
  senderId: document.senderId,
  sentAt: document.sentAt,
  editedAt: document.editedAt,
  deletedAt: document.deletedAt,
  text: document.text,
  attachments: [...document.attachments],
  replyTo: document.replyTo,
  thread: document.threadRootId === null ? null : { rootId: document.threadRootId },
  replyCount: document.replyCount,
  lastReplyAt: document.lastReplyAt,
  forwardedFrom: document.forwardedFrom,
  mentions: [...document.mentions],
  reactions: document.reactions.map(({ emoji, userIds }) => ({
    emoji,
    count: userIds.length,
    mine: viewerId === null ? null : userIds.includes(viewerId),
  })),
  pinned: document.pinnedAt !== null,
  expiresAt: document.expiresAt,
  custom: document.custom,
  state: document.senderId === viewerId ? state : null,
});

export const ownView = (member: MemberDocument): OwnView => ({
  role: member.role,
  joinedAt: member.joinedAt,
  mutedUntil: member.mutedUntil,
  pinned: member.pinned,
  archived: member.archived,
  readSeq: ownReadSeq(member),
  deliveredSeq: member.deliveredSeq,
});

/** `member` is the caller's own membership; null for one who is not a member, and for what all see alike. */
export const conversationView = (document: ConversationDocument, member: MemberDocument | null): Conversation => ({
  conversationId: document.conversationId,
  kind: document.kind,
  name: document.name,
  topic: document.topic,
  avatarMediaId: document.avatarMediaId,
  settings: document.settings,
  memberCount: document.memberCount,
  createdAt: document.createdAt,
  closedAt: document.closedAt,
  lastSeq: document.lastSeq,
  revision: document.revision,
  me: member === null || member.leftAt !== null ? null : ownView(member),
});

/** `mayRead`: the viewer may see how far this member has read. */
export const memberView = (member: MemberDocument, mayRead: boolean): Member => ({
  userId: member.userId,
  role: member.role,
  joinedAt: member.joinedAt,
  readSeq: mayRead ? member.readSeq : 0,
  deliveredSeq: member.deliveredSeq,
});

const previewView = ({ messageId, seq, senderId, text, kind, sentAt, deletedAt }: Preview): MessagePreview => ({
  messageId,
  seq,
  senderId,
  text,
  kind,
  sentAt,
  deletedAt,
});

export const feedItemView = ({ conversation, member, unread, mentions, lastMessage }: FeedEntry): FeedItem => ({
  conversation: conversationView(conversation, member),
  unread,
  mentions,
  lastMessage: lastMessage && previewView(lastMessage),
  lastActivityAt: conversation.lastActivityAt,
});

export const userView = (document: Pick<UserDocument, keyof User>): User => ({
  userId: document.userId,
  username: document.username,
  displayName: document.displayName,
  statusText: document.statusText,
  timeZone: document.timeZone,
  avatarMediaId: document.avatarMediaId,
  createdAt: document.createdAt,
});
