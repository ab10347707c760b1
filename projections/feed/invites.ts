import { conversationOf, type Collection } from '../collection.ts';
import type { InviteDocument } from './documents.ts';

export const inviteKey = (conversationId: string, inviteId: string): string => `${conversationId}/${inviteId}`;

/** Invites that were not withdrawn. */
export const invites: Collection<InviteDocument> = {
  shape: {
    fields: ['conversationId', 'inviteId', 'by', 'createdAt', 'expiresAt', 'maxUses', 'uses'],
    indexes: [{ name: 'byCreation', fields: ['conversationId', 'createdAt', 'inviteId'] }],
  },
  touches(event, place) {
    switch (event.type) {
      case 'InviteCreated':
      case 'InviteWithdrawn':
        return [inviteKey(conversationOf(place), event.data.inviteId)];
      case 'MemberAdded':
        return event.data.inviteId === null ? [] : [inviteKey(conversationOf(place), event.data.inviteId)];
      default:
        return [];
    }
  },
  evolve(invite, event, place) {
    switch (event.type) {
      case 'InviteCreated': {
        const { inviteId, by, expiresAt, maxUses, at } = event.data;
        return { conversationId: conversationOf(place), inviteId, by, createdAt: at, expiresAt, maxUses, uses: 0 };
      }
      case 'InviteWithdrawn':
        return undefined;
      case 'MemberAdded':
        return invite && { ...invite, uses: invite.uses + 1 };
      default:
        return invite;
    }
  },
};
