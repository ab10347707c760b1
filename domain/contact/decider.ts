import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { Timestamp, UserId } from '../ids.ts';
import { unreachable } from '../unreachable.ts';
import type { ContactCommand } from './commands.ts';
import type { ContactEvent } from './events.ts';

/** What stands between two users. */
export interface ContactState {
  readonly contact:
    | null
    | { readonly state: 'requested'; readonly by: UserId; readonly since: Timestamp }
    | { readonly state: 'accepted'; readonly since: Timestamp };
  /** Those of the two who have blocked the other, in the order of blocking. */
  readonly blockedBy: readonly UserId[];
  /** Of the last event; null before the first. */
  readonly lastAt: Timestamp | null;
}

/** Contact and blocks of two users. A block keeps the contact as it is; it only stops what would need consent. */
export const contact: Decider<ContactState, ContactCommand, ContactEvent> = {
  initialState: { contact: null, blockedBy: [], lastAt: null },

  decide({ type, data: { other } }, { contact, blockedBy }, { actorId: by, at }) {
    if (by === other) throw new DomainError('request/invalid');
    const data = { by, other, at };
    switch (type) {
      case 'PutContact': {
        const repeated = contact?.state === 'accepted' || contact?.by === by;
        if (repeated) return [];
        if (blockedBy.length > 0) throw new DomainError('contact/blocked');
        return [{ type: contact === null ? 'ContactRequested' : 'ContactAccepted', data }];
      }
      case 'RemoveContact':
        return contact === null ? [] : [{ type: 'ContactRemoved', data }];
      case 'BlockUser':
        return blockedBy.includes(by) ? [] : [{ type: 'UserBlocked', data }];
      case 'UnblockUser':
        return blockedBy.includes(by) ? [{ type: 'UserUnblocked', data }] : [];
      default:
        return unreachable(type);
    }
  },

  evolve(state, { type, data: { by, at } }) {
    switch (type) {
      case 'ContactRequested':
        return { ...state, contact: { state: 'requested', by, since: at }, lastAt: at };
      case 'ContactAccepted':
        return { ...state, contact: { state: 'accepted', since: at }, lastAt: at };
      case 'ContactRemoved':
        return { ...state, contact: null, lastAt: at };
      case 'UserBlocked':
        return { ...state, blockedBy: [...state.blockedBy, by], lastAt: at };
      case 'UserUnblocked':
        return { ...state, blockedBy: state.blockedBy.filter((blocker) => blocker !== by), lastAt: at };
      default:
        return unreachable(type);
    }
  },
};
