import type { UserId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ConversationDocument, MemberDocument } from '../projections/feed/documents.ts';
import type { ProfileQueries, ReadModels } from '../projections/queries.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { Message } from '../schemas/message.ts';
import { messageView } from './views.ts';

/**
 * Whose reading the viewer may see: everybody's who shows it, if he shows his own; his own always. Of an account
 * that is gone nothing shows.
 */
export const readingShownTo = async (
  profiles: ProfileQueries,
  viewerId: UserId,
  userIds: readonly UserId[],
): Promise<(userId: UserId) => boolean> => {
  const users = await profiles.users([...new Set([viewerId, ...userIds])]);
  const showing = new Set(users.filter(({ privacy }) => privacy.readReceipts).map(({ userId }) => userId));
  return (userId) => userId === viewerId || (showing.has(viewerId) && showing.has(userId));
};

/** What the receipts of all others say at least of one's message with this seq. */
export const stateOf = (
  seq: number,
  others: readonly Pick<MemberDocument, 'userId' | 'readSeq' | 'deliveredSeq'>[],
  isReadingShown: (userId: UserId) => boolean,
): 'sent' | 'delivered' | 'seen' => {
  if (others.length === 0 || others.some(({ deliveredSeq }) => deliveredSeq < seq)) return 'sent';
  return others.every(({ userId, readSeq }) => readSeq >= seq && isReadingShown(userId)) ? 'seen' : 'delivered';
};

/** Messages as the viewer sees them, those that he sent with their state. */
export const messageViews = async (
  { feed, profiles }: Pick<ReadModels, 'feed' | 'profiles'>,
  { conversationId, memberCount }: Pick<ConversationDocument, 'conversationId' | 'memberCount'>,
  viewerId: UserId,
  messages: readonly MessageDocument[],
): Promise<Message[]> => {
  const isOwn = ({ senderId }: MessageDocument): boolean => senderId === viewerId;
  if (memberCount > limits.receiptMembers || !messages.some(isOwn)) {
    return messages.map((message) => messageView(message, viewerId, 'sent'));
  }
  const members = await feed.members(conversationId, undefined, limits.receiptMembers);
  const others = members.filter(({ userId }) => userId !== viewerId);
  const isReadingShown = await readingShownTo(
    profiles,
    viewerId,
    others.map(({ userId }) => userId),
  );
  return messages.map((message) => messageView(message, viewerId, stateOf(message.seq, others, isReadingShown)));
};
