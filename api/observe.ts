import type { FastifyInstance } from 'fastify';

export interface ObservedRequest {
  readonly method: string;
  /** The pattern of the address, never the address itself: that may hold a token or a name. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}
export type RequestObserver = (request: ObservedRequest) => void;

/** Gives every answer its request's id, one line in the log, and tells the observer. */
export const observeRequests = (app: FastifyInstance, observe: RequestObserver | undefined): void => {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(unknown)';
    const observed = { method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 };
    request.log.info({ ...observed, seconds: Number(observed.seconds.toFixed(4)) }, 'request');
    observe?.(observed);
  });
};
