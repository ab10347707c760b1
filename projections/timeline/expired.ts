import { endOf } from '../../domain/conversation/expiry.ts';
import type { MessageDocument } from './document.ts';
import { deletedMessage } from './messages.ts';

/** Of a conversation, what says how long it keeps messages; null or undefined: for ever. */
export type Retention = number | null | undefined;

/** The message as it may be shown: from its last moment on as a deleted one, also where no event has told of it yet. */
export const shownMessage = (message: MessageDocument, retentionSeconds: Retention, now: string): MessageDocument => {
  if (message.deletedAt !== null) return message;
  const end = endOf(message, { retentionSeconds: retentionSeconds ?? null });
  return end === null || end > now ? message : deletedMessage(message, end, message.revision);
};
