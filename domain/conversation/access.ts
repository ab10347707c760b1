import type { UserId } from '../ids.ts';
import { DomainError } from '../errors.ts';
import type { ConversationState, MemberState, MessageFacts, KnownMessage, StartedConversation } from './state.ts';
import { roles, type Role, type Settings } from './values.ts';

/** A conversation together with the membership of whoever asks. */
export interface Access {
  readonly conversation: StartedConversation;
  readonly member: MemberState;
}

/** As much of it as says who may send. */
export interface SendingRight {
  readonly conversation: { readonly settings: Pick<Settings, 'whoMaySend'> };
  readonly member: Pick<MemberState, 'role'>;
}

/** Refuses with the field at fault, as clients are told of it. */
export const invalid = (path: string, message: string): DomainError =>
  new DomainError('request/invalid', { errors: [{ path, message }] });

export const mustExist = (state: ConversationState): StartedConversation => {
  if (state.status === 'absent') throw new DomainError('conversation/not-found');
  return state;
};

/** What a member may do begins here. Others learn no more than that a channel exists. */
export const enter = (state: ConversationState, actorId: UserId): Access => {
  const conversation = mustExist(state);
  const member = conversation.members.get(actorId);
  if (member !== undefined) return { conversation, member };
  throw new DomainError(conversation.kind === 'channel' ? 'conversation/not-a-member' : 'conversation/not-found');
};

export const mustBeOpen = ({ status }: StartedConversation): void => {
  if (status === 'closed') throw new DomainError('conversation/closed');
};

export const mustHaveRoom = ({ members, settings }: StartedConversation): void => {
  if (members.size >= settings.maxMembers) {
    throw new DomainError('conversation/full', { maxMembers: settings.maxMembers });
  }
};

export const must = (allowed: boolean): void => {
  if (!allowed) throw new DomainError('auth/forbidden');
};

export const rank = (role: Role): number => roles.indexOf(role);
export const isAtLeast = ({ role }: Pick<MemberState, 'role'>, least: Role): boolean => rank(role) >= rank(least);
export const outranks = (one: MemberState, other: MemberState): boolean => rank(one.role) > rank(other.role);

const mayAs = (member: Pick<MemberState, 'role'>, who: 'members' | 'admins'): boolean =>
  isAtLeast(member, who === 'admins' ? 'admin' : 'member');

/** Send and edit, mention everyone, pin. */
export const maySend = ({ conversation, member }: SendingRight): boolean =>
  mayAs(member, conversation.settings.whoMaySend);

/** Add members and make invites. */
export const mayAdd = ({ conversation, member }: Access): boolean =>
  conversation.kind !== 'direct' && mayAs(member, conversation.settings.whoMayAdd);

/** No other member is an owner. */
export const isLastOwner = ({ members }: StartedConversation, member: MemberState): boolean =>
  member.role === 'owner' && !members.some(({ role, userId }) => role === 'owner' && userId !== member.userId);

/** Whether this message is there for this member: neither hidden nor cleared by him, nor from before his time. */
export const sees = ({ conversation, member }: Access, facts: MessageFacts): facts is KnownMessage =>
  facts.status !== 'absent' &&
  facts.seq > member.clearedSeq &&
  (conversation.settings.history === 'all' || facts.seq > member.joinedSeq) &&
  !facts.hiddenBy.has(member.userId);

export const mustSee = (access: Access, facts: MessageFacts): KnownMessage => {
  if (!sees(access, facts)) throw new DomainError('message/not-found');
  return facts;
};
