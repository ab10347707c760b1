import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { MessageId } from '../ids.ts';
import { enter, maySend, must, mustBeOpen, mustSee, type Access } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import { presentFactsOf } from './expiry.ts';
import type { ConversationState, KnownMessage } from './state.ts';

/** A deleted message keeps its place only: there is nothing left to react to or to pin. */
const find = (
  state: ConversationState,
  messageId: MessageId,
  { actorId, at }: Context,
): { readonly access: Access; readonly message: KnownMessage } => {
  const access = enter(state, actorId);
  const message = mustSee(access, presentFactsOf(access.conversation, at, messageId));
  if (message.status === 'deleted') throw new DomainError('message/not-found');
  return { access, message };
};

/** Every member may react, and take back his own reaction. */
export const react = (
  type: 'ReactionAdded' | 'ReactionRemoved',
  state: ConversationState,
  { messageId, emoji }: CommandData<'AddReaction'>,
  context: Context,
): readonly ConversationEvent[] => {
  const { access, message } = find(state, messageId, context);
  const isThere = message.reactions.get(emoji)?.has(context.actorId) ?? false;
  if (isThere === (type === 'ReactionAdded')) return [];
  mustBeOpen(access.conversation);
  return [{ type, data: { messageId, seq: message.seq, at: context.at, userId: context.actorId, emoji } }];
};

/** Who may send may also pin and unpin, whoever sent or pinned it. */
export const pin = (
  type: 'MessagePinned' | 'MessageUnpinned',
  state: ConversationState,
  { messageId }: CommandData<'PinMessage'>,
  context: Context,
): readonly ConversationEvent[] => {
  const { access, message } = find(state, messageId, context);
  if (message.pinned === (type === 'MessagePinned')) return [];
  mustBeOpen(access.conversation);
  must(maySend(access));
  return [{ type, data: { messageId, seq: message.seq, at: context.at, by: context.actorId } }];
};
