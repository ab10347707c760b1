import { DomainError } from '../domain/errors.ts';
import type { ConversationId, MessageId, UserId } from '../domain/ids.ts';
import type { ConversationDocument, MemberDocument } from '../projections/feed/documents.ts';
import { visibleAfter } from '../projections/feed/floor.ts';
import { fromPositionKey } from '../projections/projection.ts';
import type { FeedQueries, ReadModels, Visibility } from '../projections/queries.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';

/** A conversation as one of its present members may read it. */
export interface ReadAccess {
  readonly conversation: ConversationDocument;
  readonly member: MemberDocument;
  readonly visible: Visibility;
}

const isPresent = (member: MemberDocument | undefined): member is MemberDocument => member?.leftAt === null;

/**
 * What anyone may know of a conversation: members all, others that a channel exists. Throws
 * `conversation/not-found` for everyone else, whether the conversation exists or not.
 */
export const glimpse = async (
  feed: FeedQueries,
  userId: UserId,
  conversationId: ConversationId,
): Promise<{ readonly conversation: ConversationDocument; readonly member: MemberDocument | null }> => {
  const [conversation, member] = await Promise.all([
    feed.conversation(conversationId),
    feed.member(conversationId, userId),
  ]);
  if (conversation === undefined) throw new DomainError('conversation/not-found');
  if (isPresent(member)) return { conversation, member };
  if (conversation.kind === 'channel') return { conversation, member: null };
  throw new DomainError('conversation/not-found');
};

/** The one way into what is said in a conversation and who is in it. Throws the refusal of whoever is no member. */
export const readAccess = async (
  feed: FeedQueries,
  userId: UserId,
  conversationId: ConversationId,
): Promise<ReadAccess> => {
  const { conversation, member } = await glimpse(feed, userId, conversationId);
  if (member === null) throw new DomainError('conversation/not-a-member');
  return { conversation, member, visible: { conversationId, userId, afterSeq: visibleAfter(conversation, member) } };
};

/** As `readAccess`, once the timeline knows all that the head of the conversation tells of. */
export const messageAccess = async (
  reads: Pick<ReadModels, 'feed' | 'waitFor'>,
  userId: UserId,
  conversationId: ConversationId,
): Promise<ReadAccess> => {
  const access = await readAccess(reads.feed, userId, conversationId);
  await reads.waitFor(['timeline'], fromPositionKey(access.conversation.changedPosition));
  return access;
};

/** A message that the member can see. Throws `message/not-found` for any other. */
export const visibleMessage = async (
  { feed, timeline }: Pick<ReadModels, 'feed' | 'timeline'>,
  { visible: { conversationId, userId, afterSeq } }: ReadAccess,
  messageId: MessageId,
): Promise<MessageDocument> => {
  const [message, hidden] = await Promise.all([
    timeline.message(conversationId, messageId),
    feed.hidden(conversationId, userId, [messageId]),
  ]);
  if (message === undefined || message.seq <= afterSeq || hidden.length > 0) throw new DomainError('message/not-found');
  return message;
};
