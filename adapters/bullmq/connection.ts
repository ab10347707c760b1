import type { RedisOptions } from 'bullmq';

const connectMs = 2_000;
const longestPauseMs = 1_000;

/**
 * A connection that is always on its way back to its server. Its commands wait for the server, as BullMQ's workers
 * need it: whoever asks from outside has to bound his patience himself.
 * Once `closing` is aborted it gives up where it cannot connect.
 */
export const connectionTo = (url: string, closing: AbortSignal): RedisOptions => ({
  url,
  maxRetriesPerRequest: null,
  connectTimeout: connectMs,
  keepAlive: 10_000,
  retryStrategy: (attempt) => (closing.aborted ? null : Math.min(25 * 2 ** attempt, longestPauseMs)),
});
