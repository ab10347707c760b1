import type { Attachment, Custom, ForwardedFrom, Mention } from '../../domain/conversation/values.ts';

/** One message as it is now, whoever looks. Collection `messages`, id `<conversationId>/<messageId>`. */
export interface MessageDocument {
  readonly conversationId: string;
  readonly messageId: string;
  readonly seq: number;
  /** Of the last event that changed it for everyone. */
  readonly revision: number;
  readonly senderId: string;
  readonly sentAt: string;
  /** Revision of its MessageSent event. */
  readonly sentRevision: number;
  readonly editedAt: string | null;
  /** Revisions of its MessageEdited events, oldest first; empty once deleted. */
  readonly editRevisions: readonly number[];
  readonly deletedAt: string | null;
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  readonly mentions: readonly Mention[];
  readonly custom: Custom | null;
  readonly replyTo: string | null;
  readonly threadRootId: string | null;
  readonly replyCount: number;
  readonly lastReplyAt: string | null;
  readonly forwardedFrom: ForwardedFrom | null;
  /** In the order in which each emoji was first given; users in the order in which they gave it. Never an empty one. */
  readonly reactions: readonly { readonly emoji: string; readonly userIds: readonly string[] }[];
  readonly pinnedAt: string | null;
  readonly pinnedBy: string | null;
  readonly expiresAt: string | null;
  /** As `expiresAt` and as `conversationId` until the message is deleted, then null: for indexes of what is left to do. */
  readonly dueAt: string | null;
  readonly keptIn: string | null;
  /** Digest of what the client first sent; null once deleted. */
  readonly sentDigest: string | null;
}
