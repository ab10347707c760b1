import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { mapErrors } from './errors.ts';
import { operations, type OperationsOptions } from './operations.ts';
import { requestId } from './request-id.ts';

/** Health, readiness and metrics on a port of their own, ready but not listening yet. */
export const createOperationsServer = async (
  options: OperationsOptions & { readonly logger: FastifyBaseLogger },
): Promise<FastifyInstance> => {
  const app: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    forceCloseConnections: 'idle',
  });
  mapErrors(app);
  await app.register(operations(options));
  await app.ready();
  return app;
};
