import { DomainError } from '../domain/errors.ts';
import type { RateDecision, RateLimit, RateLimiter } from '../ports/rate-limiter.ts';

/** Requests of one user, by REST and by socket together. */
export const requestsOfUser: RateLimit = { name: 'requests', points: 100, windowSeconds: 10 };
/** Logins and registrations from one address. */
export const signInsFromAddress: RateLimit = { name: 'sign-ins', points: 20, windowSeconds: 60 };
/** Wrong passwords for one username. */
export const wrongPasswords: RateLimit = { name: 'wrong-passwords', points: 10, windowSeconds: 60 };

/** How often one device connects. */
export const connectionsOfDevice: RateLimit = { name: 'connections', points: 30, windowSeconds: 60 };
/** How often one user is told to type, repeats not counted. */
export const typingOfUser: RateLimit = { name: 'typing', points: 20, windowSeconds: 10 };

/** Throws `rate/limited`, with the time until the window ends, unless the decision allows. */
export const demandAllowed = ({ allowed, resetMs }: RateDecision): void => {
  if (allowed) return;
  throw new DomainError('rate/limited', { retryAfterSeconds: Math.max(1, Math.ceil(resetMs / 1000)) });
};

const untouched = async ({ points, windowSeconds }: RateLimit): Promise<RateDecision> => ({
  allowed: true,
  remaining: points,
  resetMs: windowSeconds * 1000,
});

/** Allows everything: what `RATE_LIMITS=off` puts in the limiter's place. */
export const unlimited: RateLimiter = {
  consume: untouched,
  peek: untouched,
  [Symbol.asyncDispose]: async () => {},
};
