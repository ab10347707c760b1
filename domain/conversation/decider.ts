import type { Context, Decider } from '../decider.ts';
import type { ConversationCommand } from './commands.ts';
import { deleteMessage, hideMessage } from './deletion.ts';
import { editMessage } from './edit.ts';
import { removeErasedMember } from './erasure.ts';
import type { ConversationEvent } from './events.ts';
import { expireMessage } from './expiry.ts';
import { evolve } from './evolve.ts';
import { acceptInvite, createInvite, withdrawInvite } from './invites.ts';
import { pin, react } from './marks.ts';
import { putMember, removeMember } from './members.ts';
import { changeOwnView, clearHistory } from './own-view.ts';
import { mergeReceipts, recordReceipt } from './receipts.ts';
import { sendMessage } from './send.ts';
import { changeConversation, closeConversation } from './settings.ts';
import { startConversation, startDirect } from './start.ts';
import type { ConversationState, MessageFacts } from './state.ts';
import { recall } from './window.ts';

/**
 * Checks come in this order: the conversation is visible, the actor a member, the message there for him; then a
 * command that has taken effect already yields nothing; then the conversation must be open, and the role allow it.
 */
const decide = (
  { type, data }: ConversationCommand,
  state: ConversationState,
  context: Context,
): readonly ConversationEvent[] => {
  switch (type) {
    case 'StartConversation':
      return startConversation(state, data, context);
    case 'StartDirect':
      return startDirect(state, data, context);
    case 'ChangeConversation':
      return changeConversation(state, data, context);
    case 'CloseConversation':
      return closeConversation(state, context);
    case 'PutMember':
      return putMember(state, data, context);
    case 'RemoveMember':
      return removeMember(state, data, context);
    case 'RemoveErasedMember':
      return removeErasedMember(state, data, context);
    case 'CreateInvite':
      return createInvite(state, data, context);
    case 'WithdrawInvite':
      return withdrawInvite(state, data, context);
    case 'AcceptInvite':
      return acceptInvite(state, data, context);
    case 'SendMessage':
      return sendMessage(state, data, context);
    case 'EditMessage':
      return editMessage(state, data, context);
    case 'DeleteMessage':
      return deleteMessage(state, data, context);
    case 'ExpireMessage':
      return expireMessage(state, data, context);
    case 'HideMessage':
      return hideMessage(state, data, context);
    case 'AddReaction':
      return react('ReactionAdded', state, data, context);
    case 'RemoveReaction':
      return react('ReactionRemoved', state, data, context);
    case 'PinMessage':
      return pin('MessagePinned', state, data, context);
    case 'UnpinMessage':
      return pin('MessageUnpinned', state, data, context);
    case 'RecordReceipt':
      return recordReceipt(state, data, context);
    case 'ChangeOwnView':
      return changeOwnView(state, data, context);
    case 'ClearHistory':
      return clearHistory(state, context);
    default:
      // Nothing is left: one more type would not compile.
      return data;
  }
};

export const conversation: Decider<ConversationState, ConversationCommand, ConversationEvent, MessageFacts> = {
  initialState: { status: 'absent' },
  decide,
  evolve,
  recall: (state, facts) => (state.status === 'absent' ? state : recall(state, facts)),
  merge: mergeReceipts,
};
