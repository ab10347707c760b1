import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateDecision, RateLimit, RateLimiter } from '../../ports/rate-limiter.ts';
import { connectRedis, watchTrouble, type RedisTimeouts, type RedisTrouble } from './connection.ts';

export interface RedisRateLimiterOptions extends RedisTrouble {
  readonly url: string;
  /** Begins every key. */
  readonly prefix?: string;
  /** Decides while Redis does not answer. Belongs to this limiter from then on. */
  readonly fallback: RateLimiter;
  readonly timeouts?: Partial<RedisTimeouts>;
}

/**
 * Counts in Redis, for all nodes together; each key's window begins with its first use. While Redis does not answer,
 * the fallback decides: nobody is refused for that, and nobody has an endless number of attempts.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #fallback: RateLimiter;
  readonly #trouble: ReturnType<typeof watchTrouble>;
  readonly #limiters = new Map<string, RateLimiterRedis>();

  constructor({ url, prefix = 'parley:', fallback, timeouts, ...trouble }: RedisRateLimiterOptions) {
    this.#redis = connectRedis(url, timeouts);
    this.#prefix = prefix;
    this.#fallback = fallback;
    this.#trouble = watchTrouble(trouble);
  }

  async consume(limit: RateLimit, key: string, points = 1): Promise<RateDecision> {
    try {
      const { remainingPoints, msBeforeNext } = await this.#of(limit).consume(key, points);
      this.#trouble.worked();
      return { allowed: true, remaining: remainingPoints, resetMs: msBeforeNext };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) {
        this.#trouble.failed(refusal);
        return this.#fallback.consume(limit, key, points);
      }
      this.#trouble.worked();
      return { allowed: false, remaining: 0, resetMs: refusal.msBeforeNext };
    }
  }

  async peek(limit: RateLimit, key: string): Promise<RateDecision> {
    try {
      const used = await this.#of(limit).get(key);
      this.#trouble.worked();
      if (!used || used.msBeforeNext <= 0) return { allowed: limit.points > 0, remaining: limit.points, resetMs: 0 };
      return { allowed: used.remainingPoints > 0, remaining: used.remainingPoints, resetMs: used.msBeforeNext };
    } catch (error) {
      this.#trouble.failed(error);
      return this.#fallback.peek(limit, key);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
    this.#limiters.clear();
    await this.#fallback[Symbol.asyncDispose]();
  }

  #of({ name, points, windowSeconds }: RateLimit): RateLimiterRedis {
    return this.#limiters.getOrInsertComputed(
      JSON.stringify([name, points, windowSeconds]),
      () =>
        new RateLimiterRedis({
          storeClient: this.#redis,
          keyPrefix: `${this.#prefix}limit:${name}:${points}:${windowSeconds}`,
          points,
          duration: windowSeconds,
        }),
    );
  }
}
