import type { FastifyInstance } from 'fastify';
import { invalid } from '../../services/problems.ts';

/**
 * The address of the realtime endpoint, asked for without an upgrade. In no OpenAPI document: that cannot describe a
 * WebSocket, and there is nothing else here.
 */
export const realtimeRoute = async (app: FastifyInstance): Promise<void> => {
  app.get('/realtime', { schema: { hide: true, security: [] } }, async () => {
    throw invalid('Upgrade', 'must be websocket');
  });
};
