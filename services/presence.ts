import type { UserId } from '../domain/ids.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { Presence, UserPresence } from '../ports/presence.ts';
import type { Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { PresenceView } from '../schemas/presence.ts';
import type { Caller } from './caller.ts';

export interface PresenceOptions {
  readonly presence: Pick<Presence, 'of'>;
  readonly credentials: Pick<CredentialStore, 'lastSeenOf'>;
  readonly readModels: Pick<ReadModels, 'waitFor' | 'profiles' | 'contacts'>;
}

export interface PresenceService {
  /** Each user once, in the order asked for. */
  presence(
    caller: Pick<Caller, 'userId'>,
    userIds: readonly UserId[],
    after?: Position,
  ): Promise<readonly PresenceView[]>;
  /** Those of the users whose presence the viewer may know: by their privacy, and by blocks either way. */
  visibleTo(viewerId: UserId, userIds: readonly UserId[], after?: Position): Promise<ReadonlySet<UserId>>;
  /** How it is, whoever asks. When somebody was last seen is asked of the credential store where presence has lost it. */
  presenceOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, UserPresence>>;
}

export const presenceView = (userId: UserId, found: UserPresence | undefined, isVisible: boolean): PresenceView => {
  if (found === undefined || !isVisible) return { userId, state: 'offline' };
  const { state, seenAt } = found;
  return { userId, state, ...(state === 'offline' && seenAt !== null && { lastSeenAt: seenAt }) };
};

export const createPresenceService = ({ presence, credentials, readModels }: PresenceOptions): PresenceService => {
  const { profiles, contacts } = readModels;

  const visibleTo: PresenceService['visibleTo'] = async (viewerId, userIds, after) => {
    if (after !== undefined) await readModels.waitFor(['profiles', 'contacts'], after);
    const others = userIds.filter((userId) => userId !== viewerId);
    const [users, relations] = await Promise.all([profiles.users(userIds), contacts.relations(viewerId, others)]);
    const visible = users.filter(({ userId, privacy: { lastSeen } }) => {
      if (userId === viewerId) return true;
      const { isContact, isBlocked } = relations.get(userId)!;
      return !isBlocked && (lastSeen === 'everyone' || (lastSeen === 'contacts' && isContact));
    });
    return new Set(visible.map(({ userId }) => userId));
  };

  const presenceOf: PresenceService['presenceOf'] = async (userIds) => {
    const found = new Map(await presence.of(userIds));
    const lost = userIds.filter((userId) => found.get(userId)?.seenAt === null);
    if (lost.length === 0) return found;
    for (const [userId, seenAt] of await credentials.lastSeenOf(lost)) {
      found.set(userId, { ...found.get(userId)!, seenAt });
    }
    return found;
  };

  return {
    visibleTo,
    presenceOf,
    async presence({ userId }, userIds, after) {
      const asked = [...new Set(userIds)];
      const visible = await visibleTo(userId, asked, after);
      const found = await presenceOf([...visible]);
      return asked.map((other) => presenceView(other, found.get(other), visible.has(other)));
    },
  };
};
