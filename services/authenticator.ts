import { DomainError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { timestamp } from '../ports/clock.ts';
import type { CredentialStore, Session } from '../ports/credential-store.ts';
import type { AccessTokens } from './access-token.ts';
import { isBotToken, readBotToken } from './bot-tokens.ts';
import type { Authenticator } from './caller.ts';
import type { Revocations } from './revocations.ts';

export interface AuthenticatorOptions {
  readonly credentials: Pick<CredentialStore, 'session' | 'sessionsOf' | 'touch' | 'bots'>;
  readonly accessTokens: Pick<AccessTokens, 'read'>;
  readonly revocations: Revocations;
  readonly clock: Clock;
}

const touchEveryMs = 60_000;

/** Looks the session up for each call, so that a revoked one is refused at once. */
export const createAuthenticator = (options: AuthenticatorOptions): Authenticator => {
  const { credentials, accessTokens, revocations, clock } = options;

  const touch = async ({ sessionId, lastSeenAt }: Session): Promise<void> => {
    if (clock() - Date.parse(lastSeenAt) < touchEveryMs) return;
    await credentials.touch(sessionId, timestamp(clock));
  };

  const isStanding = async (tokenId: string): Promise<boolean> => {
    const token = await credentials.bots.get('token', tokenId);
    return token !== undefined && (token.expiresAt === null || Date.parse(token.expiresAt) > clock());
  };

  return {
    async verify(accessToken) {
      if (isBotToken(accessToken)) return readBotToken({ bots: credentials.bots, clock }, accessToken);
      const caller = await accessTokens.read(accessToken);
      const session = await credentials.session(caller.sessionId);
      if (session?.userId !== caller.userId || session.deviceId !== caller.deviceId) {
        throw new DomainError('auth/required');
      }
      await touch(session);
      return caller;
    },
    async endingOf({ userId, deviceId, sessionId, scopes }) {
      if (scopes !== undefined) return (await isStanding(sessionId)) ? undefined : 'revoked';
      const session = await credentials.session(sessionId);
      if (session?.userId === userId && session.deviceId === deviceId) return undefined;
      const present = await credentials.sessionsOf(userId);
      return present.some((other) => other.deviceId === deviceId) ? 'replaced' : 'revoked';
    },
    onRevoked: (listener) => revocations.listen(listener),
  };
};
