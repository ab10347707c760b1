import type { ConversationEventOf } from '../domain/conversation/events.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { Message } from '../schemas/message.ts';

/** The message as its event alone tells it: nothing that came later, nothing that depends on who looks. */
export const sentMessage = (
  conversationId: string,
  revision: number,
  { data }: ConversationEventOf<'MessageSent'>,
): Message => ({
  messageId: data.messageId,
  conversationId,
  seq: data.seq,
  revision,
  senderId: data.senderId,
  sentAt: data.at,
  editedAt: null,
  deletedAt: null,
  text: data.content.text,
  attachments: [...data.attachments],
  replyTo: data.replyTo,
  thread: data.threadRootId === null ? null : { rootId: data.threadRootId },
  replyCount: 0,
  lastReplyAt: null,
  forwardedFrom: data.forwardedFrom,
  mentions: [...data.mentions],
  reactions: [],
  pinned: false,
  expiresAt: data.expiresAt,
  custom: data.content.custom,
  state: null,
});

/** The message as it was sent; without any content where it has been deleted since. */
export const replayedMessage = (sent: Message, now: MessageDocument): Message =>
  now.deletedAt === null
    ? sent
    : {
        ...sent,
        deletedAt: now.deletedAt,
        text: null,
        custom: null,
        forwardedFrom: null,
        attachments: [],
        mentions: [],
      };
