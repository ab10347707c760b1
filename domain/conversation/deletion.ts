import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { enter, isAtLeast, must, mustBeOpen, mustSee, sees } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import { presentFactsOf } from './expiry.ts';
import type { ConversationState } from './state.ts';
import { factsOf } from './window.ts';

/** For everyone. The author may, whatever his role is by now; so may admins, but in a direct conversation nobody else. */
export const deleteMessage = (
  state: ConversationState,
  { messageId }: CommandData<'DeleteMessage'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const access = enter(state, actorId);
  const { conversation, member } = access;
  const message = mustSee(access, presentFactsOf(conversation, at, messageId));
  if (message.status === 'deleted') return [];
  mustBeOpen(conversation);
  must(message.senderId === actorId || (conversation.kind !== 'direct' && isAtLeast(member, 'admin')));
  const { seq, mentions } = message;
  return [{ type: 'MessageDeleted', data: { messageId, seq, at, by: actorId, mentions: [...mentions] } }];
};

/** For the actor only; a message deleted for everyone can be hidden as well. */
export const hideMessage = (
  state: ConversationState,
  { messageId }: CommandData<'HideMessage'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const access = enter(state, actorId);
  const [facts] = factsOf(access.conversation, at, [messageId]);
  if (facts.status !== 'absent' && facts.hiddenBy.has(actorId)) return [];
  if (!sees(access, facts)) throw new DomainError('message/not-found');
  mustBeOpen(access.conversation);
  return [{ type: 'MessageHidden', data: { messageId, seq: facts.seq, at, userId: actorId } }];
};
