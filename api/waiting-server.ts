import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { allowOrigins } from './cors.ts';
import { mapErrors } from './errors.ts';
import { operations } from './operations.ts';
import { requestId } from './request-id.ts';

export interface WaitingServerOptions {
  readonly logger: FastifyBaseLogger;
  /** What is waited for, in words for an operator. */
  readonly reasons: () => readonly string[];
  /** Whether health and readiness are asked here. */
  readonly hasOperations: boolean;
  readonly corsOrigins: readonly string[];
}

/** Stands in for the server while it cannot start: alive, not ready, and every call is `server/unavailable`. */
export const createWaitingServer = async (options: WaitingServerOptions): Promise<FastifyInstance> => {
  const app: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    forceCloseConnections: true,
  });
  await allowOrigins(app, options.corsOrigins);
  mapErrors(app, 'server/unavailable');
  if (options.hasOperations) {
    const metrics = async () => ({ contentType: 'text/plain', text: '' });
    const readiness = () => ({ ready: false, reasons: options.reasons() });
    await app.register(operations({ readiness, metrics }));
  }
  await app.ready();
  return app;
};
