import { Redis } from 'ioredis';
import { redisLine } from '../redis-line.ts';

/** What goes wrong between this process and Redis, told once at the beginning and once at the end. */
export interface RedisTrouble {
  readonly onDown?: (error: unknown) => void;
  readonly onUp?: () => void;
}

export interface RedisTimeouts {
  readonly connectMs: number;
  /** A command fails when there is no answer after this long. */
  readonly commandMs: number;
}

const defaults: RedisTimeouts = { connectMs: redisLine.connectMs, commandMs: 1_000 };

/**
 * A client that is always on its way back to its server. A command is bounded in time: it fails within two attempts
 * to connect, or when its answer does not come. Starts without a server, too.
 */
export const connectRedis = (url: string, timeouts: Partial<RedisTimeouts> = {}): Redis => {
  const { connectMs, commandMs } = { ...defaults, ...timeouts };
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // A connection that has swallowed a command is given up, or every further command would wait as long.
    socketTimeout: commandMs * 2,
    keepAlive: redisLine.keepAliveMs,
    retryStrategy: redisLine.pauseMs,
  });
  redis.on('error', () => {});
  return redis;
};

export interface WatchedTrouble {
  failed(error: unknown): void;
  worked(): void;
  /** Does the work, notes the outcome, and throws what `unavailable` makes of a failure. */
  attempt<Result>(work: () => Promise<Result>, unavailable: (cause: unknown) => Error): Promise<Result>;
}

/** Turns outcomes of single commands into the two moments that matter. */
export const watchTrouble = ({ onDown, onUp }: RedisTrouble): WatchedTrouble => {
  let isDown = false;
  const watched: WatchedTrouble = {
    failed(error) {
      if (isDown) return;
      isDown = true;
      onDown?.(error);
    },
    worked() {
      if (!isDown) return;
      isDown = false;
      onUp?.();
    },
    async attempt(work, unavailable) {
      try {
        const result = await work();
        watched.worked();
        return result;
      } catch (cause) {
        watched.failed(cause);
        throw unavailable(cause);
      }
    },
  };
  return watched;
};
