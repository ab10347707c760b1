import type { RedisOptions } from 'bullmq';
import { redisLine } from '../redis-line.ts';

/**
 * A connection that is always on its way back to its server. Its commands wait for the server, as BullMQ's workers
 * need it: whoever asks from outside has to bound his patience himself.
 * Once `closing` is aborted it gives up where it cannot connect.
 */
export const connectionTo = (url: string, closing: AbortSignal): RedisOptions => ({
  url,
  maxRetriesPerRequest: null,
  connectTimeout: redisLine.connectMs,
  keepAlive: redisLine.keepAliveMs,
  retryStrategy: (attempt) => (closing.aborted ? null : redisLine.pauseMs(attempt)),
});
