import type { Context } from '../decider.ts';
import { isLastOwner } from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import type { ConversationState, MemberState, StartedConversation } from './state.ts';

/** Whom ownership passes to: the longest-standing admin, else member, else reader. */
const successor = ({ members }: StartedConversation, leaving: MemberState): MemberState | undefined => {
  const others = members.valueSeq().filter(({ userId }) => userId !== leaving.userId);
  return others.find(({ role }) => role === 'admin') ?? others.find(({ role }) => role === 'member') ?? others.first();
};

/** Never refused: the account is gone. Everything is said to be by the member himself, as if he had left. */
export const removeErasedMember = (
  state: ConversationState,
  { userId }: CommandData<'RemoveErasedMember'>,
  { at }: Context,
): readonly ConversationEvent[] => {
  const leaving = state.status === 'absent' ? undefined : state.members.get(userId);
  if (state.status === 'absent' || leaving === undefined) return [];
  const removed: ConversationEvent = { type: 'MemberRemoved', data: { userId, by: userId, at } };
  if (state.kind === 'direct' || state.status === 'closed') return [removed];
  if (state.members.size === 1) return [removed, { type: 'ConversationClosed', data: { by: userId, at } }];
  const heir = isLastOwner(state, leaving) ? successor(state, leaving) : undefined;
  if (heir === undefined) return [removed];
  return [{ type: 'MemberRoleChanged', data: { userId: heir.userId, role: 'owner', by: userId, at } }, removed];
};
