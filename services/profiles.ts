import { randomUUID } from 'node:crypto';
import type { CommandBus } from '../commands/command-bus.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Notifications, Privacy } from '../domain/user/values.ts';
import type { Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { Me, ProfilePatch, User } from '../schemas/user.ts';
import type { Caller, Written } from './caller.ts';
import { userView } from './views.ts';

export interface ProfileOptions {
  readonly bus: CommandBus;
  readonly readModels: Pick<ReadModels, 'waitFor' | 'profiles'>;
}

export interface ProfileService {
  me(caller: Caller): Promise<Me>;
  change(caller: Caller, patch: ProfilePatch): Promise<Written<Me>>;
  /** Throws `user/not-found`. */
  user(userId: UserId, after: Position | undefined): Promise<User>;
  /** The one with exactly this username, or nobody. */
  named(username: string, after: Position | undefined): Promise<readonly User[]>;
  /** Those whose username or display name begins so; `from` is the username that the page before ended with. */
  search(
    query: { readonly prefix: string; readonly from: string | undefined; readonly limit: number },
    after: Position | undefined,
  ): Promise<Page<User>>;
}

export const createProfileService = ({ bus, readModels }: ProfileOptions): ProfileService => {
  const { profiles } = readModels;

  const me = async ({ userId }: Caller): Promise<Me> => {
    const user = await bus.userState(userId);
    if (user.status !== 'active') throw new DomainError('user/not-found');
    return { ...userView(user), privacy: user.privacy, notifications: user.notifications };
  };

  const wait = async (after: Position | undefined): Promise<void> => {
    if (after !== undefined) await readModels.waitFor(['profiles'], after);
  };

  return {
    me,

    async change(caller, patch) {
      // What comes from JSON has no field that is present and undefined.
      const privacy = patch.privacy as Partial<Privacy> | undefined;
      const notifications = patch.notifications as Partial<Notifications> | undefined;
      const command = { type: 'ChangeProfile', data: { ...patch, privacy, notifications } } as const;
      const envelope = { commandId: randomUUID(), actorId: caller.userId, command };
      const { position } = await bus.user(caller.userId, envelope);
      return { result: await me(caller), created: false, position };
    },

    async user(userId, after) {
      await wait(after);
      const user = await profiles.user(userId);
      if (user === undefined) throw new DomainError('user/not-found');
      return userView(user);
    },

    async named(username, after) {
      await wait(after);
      const user = await profiles.userByUsername(username);
      return user === undefined ? [] : [userView(user)];
    },

    async search({ prefix, from, limit }, after) {
      await wait(after);
      const found = await profiles.usersByPrefix(prefix, from, limit + 1);
      const items = found.slice(0, limit).map(userView);
      return { items, next: found.length > limit ? (items.at(-1)?.username ?? null) : null };
    },
  };
};
