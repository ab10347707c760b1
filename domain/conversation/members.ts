import type { Context } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { UserId } from '../ids.ts';
import {
  enter,
  isLastOwner,
  mayAdd,
  must,
  mustBeOpen,
  mustExist,
  mustHaveRoom,
  outranks,
  rank,
  type Access,
} from './access.ts';
import type { CommandData } from './commands.ts';
import type { ConversationEvent } from './events.ts';
import type { ConversationState, MemberState, StartedConversation } from './state.ts';
import type { Role } from './values.ts';

export const memberAdded = (
  { lastSeq }: StartedConversation,
  userId: UserId,
  role: Role,
  { actorId, at }: Context,
  inviteId: string | null = null,
): ConversationEvent => ({
  type: 'MemberAdded',
  data: { userId, role, by: actorId, inviteId, joinedSeq: lastSeq, at },
});

/** Channels are joined freely, as a member or less. */
const joinChannel = (conversation: StartedConversation, role: Role, context: Context): readonly ConversationEvent[] => {
  mustBeOpen(conversation);
  must(rank(role) <= rank('member'));
  mustHaveRoom(conversation);
  return [memberAdded(conversation, context.actorId, role, context)];
};

const addMember = (access: Access, userId: UserId, role: Role, context: Context): readonly ConversationEvent[] => {
  mustBeOpen(access.conversation);
  must(mayAdd(access) && rank(role) <= rank(access.member.role));
  mustHaveRoom(access.conversation);
  return [memberAdded(access.conversation, userId, role, context)];
};

const changeRole = (
  { conversation, member }: Access,
  target: MemberState,
  role: Role,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  mustBeOpen(conversation);
  must(conversation.kind !== 'direct' && rank(role) <= rank(member.role));
  must(target.userId === actorId || outranks(member, target));
  // Even alone he cannot: whoever joined later would find nobody to turn to.
  if (isLastOwner(conversation, target)) throw new DomainError('conversation/last-owner');
  return [{ type: 'MemberRoleChanged', data: { userId: target.userId, role, by: actorId, at } }];
};

export const putMember = (
  state: ConversationState,
  { userId, role }: CommandData<'PutMember'>,
  context: Context,
): readonly ConversationEvent[] => {
  const conversation = mustExist(state);
  const isJoining = userId === context.actorId && !conversation.members.has(userId);
  if (isJoining && conversation.kind === 'channel') return joinChannel(conversation, role ?? 'member', context);
  const access = enter(conversation, context.actorId);
  const target = conversation.members.get(userId);
  if (target === undefined) return addMember(access, userId, role ?? 'member', context);
  if (role === undefined || role === target.role) return [];
  return changeRole(access, target, role, context);
};

/** The last member who leaves closes the conversation. */
export const removeMember = (
  state: ConversationState,
  { userId }: CommandData<'RemoveMember'>,
  { actorId, at }: Context,
): readonly ConversationEvent[] => {
  const { conversation, member } = enter(state, actorId);
  const target = conversation.members.get(userId);
  if (target === undefined) return [];
  mustBeOpen(conversation);
  must(conversation.kind !== 'direct' && (userId === actorId || outranks(member, target)));
  const isAlone = conversation.members.size === 1;
  if (!isAlone && isLastOwner(conversation, target)) throw new DomainError('conversation/last-owner');
  const removed: ConversationEvent = { type: 'MemberRemoved', data: { userId, by: actorId, at } };
  return isAlone ? [removed, { type: 'ConversationClosed', data: { by: actorId, at } }] : [removed];
};
