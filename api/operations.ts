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

const schema = { hide: true, security: [] };

/** Health, readiness and metrics, open to all who can reach them. */
export const operations =
  ({ readiness, metrics }: OperationsOptions): BoundRoutes =>
  async (app: FastifyInstance) => {
    app.get('/healthz', { schema }, async () => ({ status: 'ok' }));

    app.get('/readyz', { schema }, async (_request, reply) => {
      const { ready, reasons } = readiness();
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', reasons });
    });

    app.get('/metrics', { schema }, async (_request, reply) => {
      const { contentType, text } = await metrics();
      return reply.type(contentType).send(text);
    });
  };
