import type { Collection } from '../collection.ts';
import type { BlockDocument, ContactDocument } from './documents.ts';

/** Id of the document of what `userId` has to do with `otherId`. */
export const sideKey = (userId: string, otherId: string): string => `${userId}/${otherId}`;

/** Both sides of every contact and every open request. */
export const contacts: Collection<ContactDocument> = {
  shape: {
    fields: ['userId', 'otherId', 'state', 'since'],
    indexes: [{ name: 'byUser', fields: ['userId', 'otherId'] }],
  },
  touches(event) {
    switch (event.type) {
      case 'ContactRequested':
      case 'ContactAccepted':
      case 'ContactRemoved': {
        const { by, other } = event.data;
        return [sideKey(by, other), sideKey(other, by)];
      }
      default:
        return [];
    }
  },
  evolve(contact, event, _place, id) {
    switch (event.type) {
      case 'ContactRequested':
      case 'ContactAccepted': {
        const { by, other, at } = event.data;
        const asked = id === sideKey(by, other);
        const pending = asked ? 'requested' : 'incoming';
        return {
          userId: asked ? by : other,
          otherId: asked ? other : by,
          state: event.type === 'ContactAccepted' ? 'accepted' : pending,
          since: at,
        };
      }
      case 'ContactRemoved':
        return undefined;
      default:
        return contact;
    }
  },
};

/** Who has blocked whom. */
export const blocks: Collection<BlockDocument> = {
  shape: {
    fields: ['userId', 'otherId', 'createdAt'],
    indexes: [{ name: 'byUser', fields: ['userId', 'otherId'] }],
  },
  touches: (event) =>
    event.type === 'UserBlocked' || event.type === 'UserUnblocked' ? [sideKey(event.data.by, event.data.other)] : [],
  evolve(block, event) {
    switch (event.type) {
      case 'UserBlocked':
        return { userId: event.data.by, otherId: event.data.other, createdAt: event.data.at };
      case 'UserUnblocked':
        return undefined;
      default:
        return block;
    }
  },
};
