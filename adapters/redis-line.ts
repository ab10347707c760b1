const longestPauseMs = 1_000;

/** How every connection to Redis behaves towards a server that does not answer, whichever package makes it. */
export const redisLine = {
  /** How long an attempt to connect may take. */
  connectMs: 2_000,
  keepAliveMs: 10_000,
  /** Until the next attempt, after so many. */
  pauseMs: (attempt: number): number => Math.min(25 * 2 ** attempt, longestPauseMs),
} as const;
