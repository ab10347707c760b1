import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Position } from '../ports/event-store.ts';
import { decodePosition } from '../services/position-token.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The write that a read must see, by its header Parley-After. Throws `request/invalid`. */
    readonly parleyAfter: Position | undefined;
  }
}

/** Offers `request.parleyAfter`, and refuses a malformed one on every route. */
export const readAfter = (app: FastifyInstance): void => {
  app.decorateRequest('parleyAfter', {
    getter(this: FastifyRequest) {
      const token = this.headers['parley-after'];
      return token === undefined ? undefined : decodePosition(String(token));
    },
  });
  app.addHook('preValidation', async (request) => void request.parleyAfter);
};
