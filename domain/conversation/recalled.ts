import { Map, Set } from 'immutable';
import type { Attachment, Custom } from './values.ts';
import { contentDigests } from './digest.ts';
import type { KnownMessage } from './state.ts';

/** A message as a read model holds it. */
export interface StoredMessage extends Pick<
  KnownMessage,
  'messageId' | 'seq' | 'senderId' | 'sentAt' | 'expiresAt' | 'threadRootId' | 'mentions' | 'sentDigest'
> {
  readonly deletedAt: string | null;
  readonly pinnedAt: string | null;
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  readonly custom: Custom | null;
  readonly reactions: readonly { readonly emoji: string; readonly userIds: readonly string[] }[];
}

/** What the state would know of the message if it still held it. */
export const recalledMessage = (message: StoredMessage, hiddenBy: readonly string[]): KnownMessage => ({
  status: message.deletedAt === null ? 'sent' : 'deleted',
  messageId: message.messageId,
  seq: message.seq,
  senderId: message.senderId,
  sentAt: message.sentAt,
  expiresAt: message.expiresAt,
  threadRootId: message.threadRootId,
  pinned: message.pinnedAt !== null,
  mentions: message.mentions,
  reactions: Map(message.reactions.map(({ emoji, userIds }) => [emoji, Set(userIds)])),
  hiddenBy: Set(hiddenBy),
  sentDigest: message.sentDigest,
  digests: contentDigests(message),
});
