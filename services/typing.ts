import { maySend, must } from '../domain/conversation/access.ts';
import { DomainError } from '../domain/errors.ts';
import type { ConversationId } from '../domain/ids.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Caller } from './caller.ts';
import { readAccess } from './visibility.ts';

/**
 * Whether the caller may be seen typing: where he may send. Throws what a send would: `conversation/not-found`,
 * `conversation/not-a-member`, `conversation/closed`, `auth/forbidden`, `contact/blocked`.
 */
export const mayType = async (
  { feed, contacts }: Pick<ReadModels, 'feed' | 'contacts'>,
  { userId }: Pick<Caller, 'userId'>,
  conversationId: ConversationId,
): Promise<void> => {
  const { conversation, member } = await readAccess(feed, userId, conversationId);
  if (conversation.closedAt !== null) throw new DomainError('conversation/closed');
  must(maySend({ conversation, member }));
  if (conversation.kind !== 'direct') return;
  const members = await feed.members(conversationId, undefined, 2);
  const others = members.map((other) => other.userId).filter((otherId) => otherId !== userId);
  const relations = await contacts.relations(userId, others);
  if ([...relations.values()].some(({ isBlocked }) => isBlocked)) throw new DomainError('contact/blocked');
};
