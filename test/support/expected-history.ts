import type { ChatClient } from '../../app/demo/client/chat-client.ts';
import type { Message } from '../../schemas/message.ts';
import type { PlayedChannel } from './play-traffic.ts';
import { expectedChannel } from './traffic-counts.ts';

/** What a history says of a message that the file says as well. */
export const toldOf = ({ messageId, senderId, text, deletedAt, editedAt, replyCount, seq }: Message) => ({
  messageId,
  senderId,
  seq,
  text,
  isDeleted: deletedAt !== null,
  isEdited: editedAt !== null && deletedAt === null,
  replyCount,
});

/** The history of a channel as the file leaves it. */
export const expectedHistory = (channel: PlayedChannel, users: ReadonlyMap<string, ChatClient>) =>
  [...expectedChannel(channel.events).messages].map(([ts, { user, text, edits, deleted, replies }], index) => ({
    messageId: channel.messageIds.get(ts),
    senderId: users.get(user)!.userId,
    seq: index + 1,
    text: deleted ? null : text,
    isDeleted: deleted,
    isEdited: edits > 0 && !deleted,
    replyCount: replies,
  }));
