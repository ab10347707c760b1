import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationState } from '../domain/conversation/state.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { ProfileQueries } from '../projections/queries.ts';
import { invalid } from './problems.ts';

/** Throws `contact/blocked` when either of the two has blocked the other. */
export const mustNotBeBlocked = async (bus: CommandBus, one: UserId, other: UserId): Promise<void> => {
  const { blockedBy } = await bus.contactState(one, other);
  if (blockedBy.length > 0) throw new DomainError('contact/blocked');
};

/** The other one in a direct conversation that the user is in, unless that account is gone. */
export const directPartner = (state: ConversationState, userId: UserId): UserId | undefined => {
  if (state.status === 'absent' || state.kind !== 'direct' || !state.members.has(userId)) return undefined;
  return state.members.keySeq().find((memberId) => memberId !== userId);
};

/** Between two of whom one has blocked the other nothing more is said in their direct conversation. */
export const mayAddressPartner = async (bus: CommandBus, state: ConversationState, userId: UserId): Promise<void> => {
  const partner = directPartner(state, userId);
  if (partner !== undefined) await mustNotBeBlocked(bus, userId, partner);
};

/** Throws `user/not-found` for an account that does not exist or is gone, `contact/blocked` for one that is blocked. */
export const mustBeAddable = async (
  { bus, profiles }: { readonly bus: CommandBus; readonly profiles: ProfileQueries },
  actorId: UserId,
  userIds: readonly UserId[],
): Promise<void> => {
  const others = [...new Set(userIds)].filter((userId) => userId !== actorId);
  const known = new Set((await profiles.users(others)).map(({ userId }) => userId));
  // The read model may not know of an account that was registered a moment ago.
  const states = await Promise.all(
    others.filter((userId) => !known.has(userId)).map((userId) => bus.userState(userId)),
  );
  if (states.some(({ status }) => status !== 'active')) throw new DomainError('user/not-found');
  await Promise.all(others.map((userId) => mustNotBeBlocked(bus, actorId, userId)));
};

/** Whether `actorId` may begin a direct conversation with the partner: he exists, is not blocked, and wants it. */
export const mayStartDirect = async (bus: CommandBus, actorId: UserId, partnerId: UserId): Promise<void> => {
  if (actorId === partnerId) throw invalid('userId', 'must be another user');
  const partner = await bus.userState(partnerId);
  if (partner.status !== 'active') throw new DomainError('user/not-found');
  const { blockedBy, contact } = await bus.contactState(actorId, partnerId);
  if (blockedBy.length > 0) throw new DomainError('contact/blocked');
  const { whoMayMessage } = partner.privacy;
  if (whoMayMessage === 'everyone' || (whoMayMessage === 'contacts' && contact?.state === 'accepted')) return;
  throw new DomainError('contact/required');
};
