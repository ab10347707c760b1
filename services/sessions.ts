import { randomUUID } from 'node:crypto';
import type { CommandBus } from '../commands/command-bus.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { ActiveUser } from '../domain/user/decider.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import type { CredentialStore, Session } from '../ports/credential-store.ts';
import type { Position } from '../ports/event-store.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Login, Tokens } from '../schemas/user.ts';
import type { AccessTokens } from './access-token.ts';
import type { Caller, Written } from './caller.ts';
import type { DeviceService } from './devices.ts';
import type { Passwords } from './passwords.ts';
import { userView } from './views.ts';
import { demandAllowed, wrongPasswords } from './rate-limits.ts';
import type { RefreshTokens } from './refresh-token.ts';
import type { Revocations } from './revocations.ts';

export interface SessionOptions {
  readonly bus: CommandBus;
  readonly credentials: CredentialStore;
  readonly devices: DeviceService;
  readonly readModels: Pick<ReadModels, 'position'>;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly revocations: Revocations;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
}

export interface SessionService {
  /** Throws `auth/wrong-credentials`, after as long as a right password takes. */
  login(login: Login): Promise<Written<Tokens>>;
  /** `created` is false for the answer to a lost reply. Throws `auth/required`. */
  refresh(refreshToken: string): Promise<Written<Tokens>>;
  logout(caller: Caller): Promise<Written<null>>;
}

interface Rotated {
  readonly session: Session;
  readonly isNew: boolean;
}

/** How long the token before the newest one may come again because its reply was lost. */
const lostReplyMs = 60_000;

export const createSessionService = (options: SessionOptions): SessionService => {
  const { bus, credentials, devices, passwords, accessTokens, refreshTokens, limiter, clock } = options;

  const tokens = async (session: Session, user: ActiveUser): Promise<Tokens> => {
    const { userId, deviceId, sessionId, generation } = session;
    const access = await accessTokens.issue({ userId, deviceId, sessionId });
    const refreshToken = refreshTokens.encode({ sessionId, generation });
    return { ...access, refreshToken, deviceId, user: userView(user) };
  };

  /** The user, unless the account is gone; what an interrupted erasure has left of it is removed then. */
  const activeUser = async (userId: UserId, refusal: 'auth/required' | 'auth/wrong-credentials') => {
    const user = await bus.userState(userId);
    if (user.status === 'active') return user;
    if (user.status === 'erased') await credentials.removeUser(userId);
    throw new DomainError(refusal);
  };

  const checkPassword = async ({ username, password }: Login): Promise<UserId> => {
    demandAllowed(await limiter.peek(wrongPasswords, username));
    const credential = await credentials.credentialByUsername(username);
    const matched = await passwords.verify(password, credential?.passwordHash);
    if (!matched || credential === undefined) {
      await limiter.consume(wrongPasswords, username);
      throw new DomainError('auth/wrong-credentials');
    }
    // Of many guesses at the same time, those that came first may have used up the limit.
    demandAllowed(await limiter.peek(wrongPasswords, username));
    return credential.userId;
  };

  const start = async (userId: UserId, deviceId: string): Promise<Session> => {
    const earlier = (await credentials.sessionsOf(userId)).filter((session) => session.deviceId === deviceId);
    const now = timestamp(clock);
    const session: Session = {
      sessionId: randomUUID(),
      userId,
      deviceId,
      createdAt: now,
      lastSeenAt: now,
      generation: 1,
      rotatedAt: now,
    };
    await credentials.startSession(session);
    for (const ended of earlier) options.revocations.announce(ended, 'replaced');
    return session;
  };

  /**
   * The session with its next refresh token, or, when only the reply was lost, as it is; undefined when the token that
   * was presented is too old.
   */
  const rotate = async (session: Session, presented: number): Promise<Rotated | undefined> => {
    if (presented === session.generation) {
      const rotatedAt = timestamp(clock);
      if (await credentials.rotate(session.sessionId, presented, rotatedAt)) {
        return { session: { ...session, generation: presented + 1, rotatedAt }, isNew: true };
      }
      const present = await credentials.session(session.sessionId);
      if (present === undefined) throw new DomainError('auth/required');
      return rotate(present, presented);
    }
    const isLostReply = presented === session.generation - 1 && clock() - Date.parse(session.rotatedAt) <= lostReplyMs;
    return isLostReply ? { session, isNew: false } : undefined;
  };

  // A refresh changes nothing that a read model shows, so any position is one from which on reads see it.
  const anyPosition = (): Position => options.readModels.position('profiles');

  return {
    async login(login) {
      const userId = await checkPassword(login);
      await activeUser(userId, 'auth/wrong-credentials');
      const { deviceId = randomUUID(), name, platform = null } = login.device;
      const command = { type: 'AddDevice', data: { deviceId, name, platform } } as const;
      const added = await bus.user(userId, { commandId: randomUUID(), actorId: userId, command });
      const session = await start(userId, deviceId);
      await devices.displaceBeyondLimit(userId, deviceId);
      const user = await activeUser(userId, 'auth/wrong-credentials');
      return { result: await tokens(session, user), created: true, position: added.position };
    },

    async refresh(refreshToken) {
      const presented = refreshTokens.decode(refreshToken);
      const session = presented && (await credentials.session(presented.sessionId));
      if (presented === undefined || session === undefined) throw new DomainError('auth/required');
      const user = await activeUser(session.userId, 'auth/required');
      const rotated = await rotate(session, presented.generation);
      if (rotated === undefined) {
        await devices.signOut(session.userId, session.deviceId, 'token-reused');
        throw new DomainError('auth/required');
      }
      await credentials.touch(session.sessionId, timestamp(clock));
      return { result: await tokens(rotated.session, user), created: rotated.isNew, position: anyPosition() };
    },

    async logout({ userId, deviceId }) {
      return { result: null, created: false, position: await devices.signOut(userId, deviceId, 'signed-out') };
    },
  };
};
