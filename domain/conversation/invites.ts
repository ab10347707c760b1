import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { Timestamp } from '../ids.ts';
import { enter, invalid, isAtLeast, mayAdd, must, mustBeOpen, mustHaveRoom } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import { memberAdded } from './members.ts';
import type { ConversationState, InviteState } from './state.ts';

/** An expired invite is as good as none, whether the state still has it or not. */
const inviteOf = (state: ConversationState, inviteId: string, at: Timestamp): InviteState => {
  const invite = state.status === 'absent' ? undefined : state.invites.get(inviteId);
  if (invite === undefined || invite.expiresAt <= at) throw new DomainError('invite/not-found');
  return invite;
};

export const createInvite = (
  state: ConversationState,
  { inviteId, expiresAt, maxUses }: CommandData<'CreateInvite'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const access = enter(state, actorId);
  const known = access.conversation.invites.get(inviteId);
  if (known?.by === actorId) return [];
  mustBeOpen(access.conversation);
  must(mayAdd(access) && known === undefined);
  if (expiresAt <= at) throw invalid('expiresAt', 'must lie in the future');
  return [{ type: 'InviteCreated', data: { inviteId, by: actorId, expiresAt, maxUses, at } }];
};

export const withdrawInvite = (
  state: ConversationState,
  { inviteId }: CommandData<'WithdrawInvite'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  const invite = inviteOf(conversation, inviteId, at);
  if (invite.withdrawn) return [];
  mustBeOpen(conversation);
  must(invite.by === actorId || isAtLeast(member, 'admin'));
  return [{ type: 'InviteWithdrawn', data: { inviteId, by: actorId, at } }];
};

/** Whoever has the invite may join, whatever he could see of the conversation before. */
export const acceptInvite = (
  state: ConversationState,
  { inviteId }: CommandData<'AcceptInvite'>,
  context: Context,
): readonly ConversationEvent[] => {
  if (state.status !== 'absent' && state.members.has(context.actorId)) return [];
  const { withdrawn, uses, maxUses } = inviteOf(state, inviteId, context.at);
  if (state.status === 'absent' || withdrawn || uses >= (maxUses ?? Infinity)) {
    throw new DomainError('invite/not-found');
  }
  mustBeOpen(state);
  mustHaveRoom(state);
  return [memberAdded(state, context.actorId, 'member', context, inviteId)];
};
