import type { MessageContent } from '../domain/conversation/commands.ts';
import type { ForwardedFrom } from '../domain/conversation/values.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import { messageAccess, visibleMessage } from './visibility.ts';

const visibleSource = async (
  reads: ReadModels,
  userId: UserId,
  { conversationId, messageId }: ForwardedFrom,
): Promise<MessageDocument | undefined> => {
  try {
    const message = await visibleMessage(reads, await messageAccess(reads, userId, conversationId), messageId);
    return message.deletedAt === null ? message : undefined;
  } catch (error) {
    if (error instanceof DomainError && error.code !== 'read-model/behind') return undefined;
    throw error;
  }
};

/**
 * What is forwarded, without its mentions: nobody is called a second time. Throws `message/not-found` for what the
 * caller cannot see, also for a deleted message.
 */
export const forwardedContent = async (
  { reads, events }: { readonly reads: ReadModels; readonly events: EventStore },
  userId: UserId,
  source: ForwardedFrom,
): Promise<MessageContent> => {
  let message = await visibleSource(reads, userId, source);
  if (message === undefined) {
    // It may have been sent a moment ago.
    await reads.waitFor(['feed', 'timeline'], await events.head());
    message = await visibleSource(reads, userId, source);
  }
  if (message === undefined) throw new DomainError('message/not-found');
  const { text, attachments, custom } = message;
  return { text, attachments, custom };
};
