import type { ConversationEventOf } from './events.ts';
import { pop, push } from './heap.ts';
import type { StartedConversation } from './state.ts';

type Invites = StartedConversation['invites'];

export const inviteCreated = (
  state: StartedConversation,
  { inviteId, by, expiresAt, maxUses, at }: ConversationEventOf<'InviteCreated'>['data'],
): StartedConversation => {
  let { invites, inviteExpiry: expiry } = state;
  while (expiry !== undefined && expiry.key <= Date.parse(at)) {
    invites = invites.delete(expiry.value);
    expiry = pop(expiry);
  }
  return {
    ...state,
    invites: invites.set(inviteId, { by, expiresAt, maxUses, uses: 0, withdrawn: false }),
    inviteExpiry: push(expiry, Date.parse(expiresAt), inviteId),
  };
};

export const withdraw = (invites: Invites, inviteId: string): Invites => {
  const invite = invites.get(inviteId);
  return invite === undefined ? invites : invites.set(inviteId, { ...invite, withdrawn: true });
};

export const useInvite = (invites: Invites, inviteId: string | null): Invites => {
  const invite = inviteId === null ? undefined : invites.get(inviteId);
  return inviteId === null || invite === undefined
    ? invites
    : invites.set(inviteId, { ...invite, uses: invite.uses + 1 });
};
