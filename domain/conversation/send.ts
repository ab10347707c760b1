import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { limits } from '../limits.ts';
import { enter, invalid, maySend, must, mustBeOpen, mustSee } from './access.ts';
import type { CommandData, SendContent } from './commands.ts';
import { distinct, hasContent, mustFit } from './content.ts';
import { sendDigest } from './digest.ts';
import type { ConversationEvent } from './events.ts';
import { secondsAfter } from './expiry.ts';
import type { ConversationState, KnownMessage, StartedConversation } from './state.ts';
import { factsOf } from './window.ts';

const mustExpireInTime = ({ expiresInSeconds }: SendContent): void => {
  if (expiresInSeconds === undefined) return;
  if (Number.isInteger(expiresInSeconds) && expiresInSeconds >= 1 && expiresInSeconds <= limits.expiresInSecondsMost)
    return;
  throw invalid('expiresInSeconds', `must be a whole number from 1 to ${limits.expiresInSecondsMost}`);
};

const mustHaveContent = (content: SendContent): void => {
  if (content.forwardedFrom === undefined && !hasContent(content)) throw invalid('text', 'a message needs content');
};

/** A deleted message's content is forgotten, so its sender repeats it with whatever he sends. */
const isRepeat = (earlier: KnownMessage, senderId: string, content: SendContent): boolean =>
  earlier.senderId === senderId && (earlier.status === 'deleted' || earlier.sentDigest === sendDigest(content));

/** What the sender's own content names must be there for him; a deleted message can still be replied to. */
const referencesOf = ({ replyTo, thread }: SendContent): readonly string[] =>
  [replyTo, thread].filter((id) => id !== undefined);

const messageSent = (
  { lastSeq }: StartedConversation,
  { messageId, content, copied }: CommandData<'SendMessage'>,
  { actorId, at }: Context,
): ConversationEvent => {
  const source = copied ?? content;
  return {
    type: 'MessageSent',
    data: {
      messageId,
      seq: lastSeq + 1,
      at,
      senderId: actorId,
      content: { text: source.text ?? null, custom: source.custom ?? null },
      attachments: [...(source.attachments ?? [])],
      mentions: distinct(content.mentions ?? copied?.mentions),
      replyTo: content.replyTo ?? null,
      threadRootId: content.thread ?? null,
      forwardedFrom: content.forwardedFrom ?? null,
      expiresAt: content.expiresInSeconds === undefined ? null : secondsAfter(at, content.expiresInSeconds),
      sentDigest: sendDigest(content),
    },
  };
};

export const sendMessage = (
  state: ConversationState,
  data: CommandData<'SendMessage'>,
  context: Context,
): readonly ConversationEvent[] => {
  const { messageId, content } = data;
  mustFit(content);
  mustHaveContent(content);
  mustExpireInTime(content);
  const access = enter(state, context.actorId);
  const { conversation } = access;
  const held = conversation.messages.get(messageId)?.facts;
  const references = held === undefined || held.status === 'absent' ? referencesOf(content) : [];
  const [earlier, ...named] = factsOf(conversation, context.at, [messageId, ...references]);
  if (earlier.status !== 'absent') {
    if (isRepeat(earlier, context.actorId, content)) return [];
    throw new DomainError('message/id-reused');
  }
  for (const message of named) {
    const { threadRootId } = mustSee(access, message);
    if (message.messageId === content.thread && threadRootId !== null) {
      throw invalid('thread', 'must name a message that is not itself in a thread');
    }
  }
  mustBeOpen(conversation);
  must(maySend(access));
  return [messageSent(conversation, data, context)];
};
