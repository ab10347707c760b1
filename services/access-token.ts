import { jwtVerify, SignJWT, errors } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { Uuid, type Timestamp } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Caller } from './caller.ts';

export interface AccessTokens {
  issue(caller: Caller): Promise<{ readonly accessToken: string; readonly accessExpiresAt: Timestamp }>;
  /** Whom the token was issued to. Throws `auth/expired`, and `auth/required` for what was not issued here. */
  read(accessToken: string): Promise<Caller>;
}

export interface AccessTokenOptions {
  readonly secret: Uint8Array;
  readonly seconds: number;
  readonly clock: Clock;
}

const algorithm = 'HS256';
const Claims = z.object({ sub: Uuid, did: Uuid, sid: Uuid, exp: z.int() });

/** JWTs (RFC 7519) under one secret of the server. */
export const createAccessTokens = ({ secret, seconds, clock }: AccessTokenOptions): AccessTokens => {
  // A signature need not be checked again for each request of a client.
  const proven = new LRUCache<string, { readonly caller: Caller; readonly expiresAt: number }>({ max: 10_000 });

  const prove = async (accessToken: string) => {
    try {
      const options = { algorithms: [algorithm], currentDate: new Date(clock()) };
      const { payload } = await jwtVerify(accessToken, secret, options);
      const { sub, did, sid, exp } = Claims.parse(payload);
      return { caller: { userId: sub, deviceId: did, sessionId: sid }, expiresAt: exp * 1000 };
    } catch (error) {
      throw new DomainError(error instanceof errors.JWTExpired ? 'auth/expired' : 'auth/required');
    }
  };

  return {
    async issue({ userId, deviceId, sessionId }) {
      const now = Math.floor(clock() / 1000);
      const expires = now + seconds;
      const accessToken = await new SignJWT({ did: deviceId, sid: sessionId })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(expires)
        .sign(secret);
      return { accessToken, accessExpiresAt: new Date(expires * 1000).toISOString() };
    },

    async read(accessToken) {
      const known = proven.get(accessToken) ?? (await prove(accessToken));
      if (known.expiresAt <= clock()) throw new DomainError('auth/expired');
      proven.set(accessToken, known);
      return known.caller;
    },
  };
};
