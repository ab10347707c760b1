import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import type { Authenticator, Caller } from '../services/caller.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls. Throws `auth/required` on a route that needs no token. */
    readonly caller: Caller;
    [proven]: Caller | undefined;
  }
}

const proven = Symbol('caller');

const bearer = (request: FastifyRequest): string => {
  const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new DomainError('auth/required');
  return token;
};

/** A route is open to all when its schema says `security: []`; every other one needs a token. */
export const isOpen = (request: FastifyRequest): boolean =>
  (request.routeOptions.schema as { readonly security?: readonly unknown[] } | undefined)?.security?.length === 0;

/** Checks the token before anything else of a request is looked at, also before its body is read. */
export const authenticate = (app: FastifyInstance, authenticator: Pick<Authenticator, 'verify'>): void => {
  app.decorateRequest(proven, undefined);
  app.decorateRequest('caller', {
    getter(this: FastifyRequest) {
      const caller = this[proven];
      if (caller === undefined) throw new DomainError('auth/required');
      return caller;
    },
  });
  app.addHook('onRequest', async (request) => {
    if (request.is404 || isOpen(request)) return;
    request[proven] = await authenticator.verify(bearer(request));
  });
};
