import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { enter, invalid, maySend, must, mustBeOpen, mustSee } from './access.ts';
import type { CommandData, MessageContent } from './commands.ts';
import { distinct, isEmpty, mustFit } from './content.ts';
import { contentDigests } from './digest.ts';
import type { ConversationEvent, ConversationEventOf } from './events.ts';
import { presentFactsOf } from './expiry.ts';
import type { ContentDigests, ConversationState, KnownMessage } from './state.ts';

type Changes = Pick<
  ConversationEventOf<'MessageEdited'>['data'],
  'content' | 'attachments' | 'mentions' | 'previousMentions'
>;

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);

/** Of what is given, only what differs from the present message. */
const changesOf = (message: KnownMessage, { text, attachments, mentions, custom }: MessageContent): Changes => {
  const digests = contentDigests({ text, attachments, custom });
  const differs = (field: keyof ContentDigests): boolean => digests[field] !== message.digests[field];
  const named = distinct(mentions);
  return {
    content: {
      ...(text !== undefined && differs('text') && { text }),
      ...(custom !== undefined && differs('custom') && { custom }),
    },
    ...(attachments !== undefined && differs('attachments') && { attachments: [...(attachments ?? [])] }),
    ...(mentions !== undefined &&
      !isSameList(named, message.mentions) && { mentions: named, previousMentions: [...message.mentions] }),
  };
};

const changesNothing = ({ content, attachments, mentions }: Changes): boolean =>
  Object.keys(content).length === 0 && attachments === undefined && mentions === undefined;

/** Digests of the message with these changes. */
export const digestsAfter = (before: ContentDigests, { content, attachments }: Changes): ContentDigests => {
  const digests = contentDigests({ ...content, attachments });
  return {
    text: content.text === undefined ? before.text : digests.text,
    attachments: attachments === undefined ? before.attachments : digests.attachments,
    custom: content.custom === undefined ? before.custom : digests.custom,
  };
};

export const editMessage = (
  state: ConversationState,
  { messageId, content }: CommandData<'EditMessage'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  mustFit(content);
  const access = enter(state, actorId);
  const message = mustSee(access, presentFactsOf(access.conversation, at, messageId));
  if (message.status === 'deleted' || message.senderId !== actorId) throw new DomainError('message/not-editable');
  const changes = changesOf(message, content);
  if (changesNothing(changes)) return [];
  mustBeOpen(access.conversation);
  must(maySend(access));
  if (isEmpty(digestsAfter(message.digests, changes))) throw invalid('text', 'a message needs content');
  return [{ type: 'MessageEdited', data: { messageId, seq: message.seq, at, by: actorId, ...changes } }];
};
