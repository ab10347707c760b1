import type { Message, MessagePreview } from '../../schemas/message.ts';

const characters = 200;

const shortened = (text: string | null): string | null => {
  if (text === null || text === '') return null;
  return Array.from(text.slice(0, 2 * characters))
    .slice(0, characters)
    .join('');
};

/** What the feed shows of a message, as the server makes it. */
export const previewOf = (message: Message): MessagePreview => {
  const { messageId, seq, senderId, sentAt, deletedAt } = message;
  const text = shortened(message.text);
  const plain = deletedAt !== null || text !== null ? 'text' : 'attachment';
  const kind = message.forwardedFrom !== null ? 'forwarded' : plain;
  return { messageId, seq, senderId, text, kind, sentAt, deletedAt };
};
