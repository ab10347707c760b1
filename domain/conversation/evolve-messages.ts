import { Map, Set } from 'immutable';
import { contentDigests } from './digest.ts';
import { digestsAfter } from './edit.ts';
import type { ConversationEventOf } from './events.ts';
import { changeMember } from './evolve-members.ts';
import type { KnownMessage, StartedConversation } from './state.ts';
import { hold, touch } from './window.ts';

const noDigests = contentDigests({});

/** A send moves its sender's own pointers to it. */
export const messageSent = (
  state: StartedConversation,
  data: ConversationEventOf<'MessageSent'>['data'],
): StartedConversation => {
  const { messageId, seq, senderId, at, expiresAt, threadRootId, mentions, sentDigest, content, attachments } = data;
  const message: KnownMessage = {
    status: 'sent',
    messageId,
    seq,
    senderId,
    sentAt: at,
    expiresAt,
    threadRootId,
    pinned: false,
    mentions,
    reactions: Map(),
    hiddenBy: Set(),
    sentDigest,
    digests: contentDigests({ ...content, attachments }),
  };
  return changeMember({ ...hold(state, message), lastSeq: seq }, senderId, () => ({
    readSeq: seq,
    deliveredSeq: seq,
    unreadFrom: null,
  }));
};

export const messageEdited = (
  state: StartedConversation,
  data: ConversationEventOf<'MessageEdited'>['data'],
): StartedConversation =>
  touch(state, data, (message) => ({
    digests: digestsAfter(message.digests, data),
    mentions: data.mentions ?? message.mentions,
  }));

export const messageDeleted = (
  state: StartedConversation,
  data: ConversationEventOf<'MessageDeleted'>['data'],
): StartedConversation =>
  touch(state, data, () => ({
    status: 'deleted',
    sentDigest: null,
    digests: noDigests,
    mentions: [],
    reactions: Map(),
    pinned: false,
  }));

export const messageHidden = (
  state: StartedConversation,
  data: ConversationEventOf<'MessageHidden'>['data'],
): StartedConversation => touch(state, data, ({ hiddenBy }) => ({ hiddenBy: hiddenBy.add(data.userId) }));

export const reactionAdded = (
  state: StartedConversation,
  data: ConversationEventOf<'ReactionAdded'>['data'],
): StartedConversation =>
  touch(state, data, ({ reactions }) => ({
    reactions: reactions.update(data.emoji, Set(), (users) => users.add(data.userId)),
  }));

export const reactionRemoved = (
  state: StartedConversation,
  data: ConversationEventOf<'ReactionRemoved'>['data'],
): StartedConversation =>
  touch(state, data, ({ reactions }) => {
    const users = reactions.get(data.emoji, Set<string>()).delete(data.userId);
    return { reactions: users.isEmpty() ? reactions.delete(data.emoji) : reactions.set(data.emoji, users) };
  });
