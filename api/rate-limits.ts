import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimit, RateLimiter } from '../ports/rate-limiter.ts';
import { demandAllowed, requestsOfUser, signInsFromAddress } from '../services/rate-limits.ts';
import { isOpen } from './auth.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts against the address that asks: a login or a registration. */
    readonly signIn?: boolean;
  }
}

const limitOf = (request: FastifyRequest): readonly [RateLimit, key: string] | undefined => {
  if (request.is404) return undefined;
  if (request.routeOptions.config.signIn === true) return [signInsFromAddress, request.ip];
  return isOpen(request) ? undefined : [requestsOfUser, request.caller.userId];
};

const consume = async (limiter: RateLimiter, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  const limited = limitOf(request);
  if (limited === undefined) return;
  const [limit, key] = limited;
  const decision = await limiter.consume(limit, key);
  const seconds = Math.ceil(decision.resetMs / 1000);
  // Both as in draft-ietf-httpapi-ratelimit-headers-10.
  reply.header('RateLimit-Policy', `"${limit.name}";q=${limit.points};w=${limit.windowSeconds}`);
  reply.header('RateLimit', `"${limit.name}";r=${Math.max(0, decision.remaining)};t=${seconds}`);
  demandAllowed(decision);
};

/** Counts each request against its limit, after its token was checked and before its body is read. */
export const limitRates = (app: FastifyInstance, limiter: RateLimiter): void => {
  app.addHook('onRequest', async (request, reply) => consume(limiter, request, reply));
};
