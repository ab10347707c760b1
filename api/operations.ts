import type { FastifyInstance } from 'fastify';
import type { BoundRoutes } from './server.ts';

export interface Readiness {
  readonly ready: boolean;
  /** What stands in the way, in words for an operator. */
  readonly reasons: readonly string[];
}

export interface OperationsOptions {
  readonly readiness: () => Readiness;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Asked for every few seconds, for ever: without a line in the log, unless something is wrong with the answer. */
const quiet = { schema: { hide: true, security: [] }, logLevel: 'warn' } as const;

/** Health, readiness and metrics, open to all who can reach them. */
export const operations =
  ({ readiness, metrics }: OperationsOptions): BoundRoutes =>
  async (app: FastifyInstance) => {
    app.get('/healthz', quiet, async () => ({ status: 'ok' }));

    app.get('/readyz', quiet, async (_request, reply) => {
      const { ready, reasons } = readiness();
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', reasons });
    });

    app.get('/metrics', quiet, async (_request, reply) => {
      const { contentType, text } = await metrics();
      return reply.type(contentType).send(text);
    });
  };
