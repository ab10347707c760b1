import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { CommandBus, Outcome } from '../commands/command-bus.ts';
import { DomainError } from '../domain/errors.ts';
import { derivedId, type UserId } from '../domain/ids.ts';
import type { UserEvent } from '../domain/user/events.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import type { CredentialStore, PasswordCredential } from '../ports/credential-store.ts';
import type { Registration, User } from '../schemas/user.ts';
import type { Caller, Written } from './caller.ts';
import type { Passwords } from './passwords.ts';
import { userView } from './views.ts';
import type { Revocations } from './revocations.ts';

export interface AccountOptions {
  readonly bus: CommandBus;
  readonly credentials: CredentialStore;
  readonly passwords: Passwords;
  readonly revocations: Revocations;
  readonly clock: Clock;
}

export interface AccountService {
  /** Throws `user/name-taken`. */
  register(registration: Registration): Promise<Written<User>>;
  /** Erases the account: nobody can sign in to it from then on, and its sessions end at once. */
  erase(caller: Pick<Caller, 'userId'>): Promise<Written<null>>;
}

/** A username that was taken this long ago and has no user yet was left behind by a crash. */
const unfinishedMs = 60_000;

export const createAccountService = (options: AccountOptions): AccountService => {
  const { bus, credentials, passwords, revocations, clock } = options;

  const signUp = (userId: UserId, username: string, displayName: string): Promise<Outcome<UserEvent>> =>
    bus.user(userId, {
      commandId: derivedId(userId, 'RegisterUser'),
      actorId: userId,
      command: { type: 'RegisterUser', data: { userId, username, displayName } },
    });

  /**
   * What comes of a username that is taken: the same password goes on with the user whose registration broke off;
   * undefined when the name is free again because a crash has left it behind.
   */
  const judge = async (taken: PasswordCredential, password: string): Promise<UserId | undefined> => {
    const { status } = await bus.userState(taken.userId);
    if (status === 'active') throw new DomainError('user/name-taken');
    if (status === 'absent' && (await passwords.verify(password, taken.passwordHash))) return taken.userId;
    const isLeftBehind = status === 'erased' || clock() - Date.parse(taken.createdAt) > unfinishedMs;
    if (!isLeftBehind) throw new DomainError('user/name-taken');
    await credentials.removeUser(taken.userId);
    return undefined;
  };

  /** Takes the username for a user that is new, or whose registration broke off. */
  const reserve = async ({ username, password }: Registration): Promise<UserId> => {
    const passwordHash = await passwords.hash(password);
    const credential = { userId: v7(), username, passwordHash, createdAt: timestamp(clock) };
    if (await credentials.addCredential(credential)) return credential.userId;
    const taken = await credentials.credentialByUsername(username);
    const judged = taken && (await judge(taken, password));
    if (judged !== undefined) return judged;
    if (await credentials.addCredential(credential)) return credential.userId;
    throw new DomainError('user/name-taken');
  };

  return {
    async register(registration) {
      const { username, displayName = username } = registration;
      const userId = await reserve(registration);
      const { position } = await signUp(userId, username, displayName);
      const user = await bus.userState(userId);
      const holder = await credentials.credentialByUsername(username);
      if (user.status === 'active' && holder?.userId === userId) {
        return { result: userView(user), created: true, position };
      }
      // So slow that the username was taken over meanwhile.
      await bus.user(userId, {
        commandId: randomUUID(),
        actorId: userId,
        command: { type: 'EraseUser', data: {} },
      });
      throw new DomainError('user/name-taken');
    },

    async erase({ userId }) {
      const command = { type: 'EraseUser', data: {} } as const;
      const { position } = await bus.user(userId, { commandId: randomUUID(), actorId: userId, command });
      const sessions = await credentials.sessionsOf(userId);
      await credentials.removeUser(userId);
      for (const session of sessions) revocations.announce(session, 'revoked');
      return { result: null, created: false, position };
    },
  };
};
