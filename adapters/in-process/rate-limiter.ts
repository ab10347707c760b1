import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateDecision, RateLimit, RateLimiter } from '../../ports/rate-limiter.ts';

/** Counts in the memory of this process; each key's window begins with its first use. */
export class InProcessRateLimiter implements RateLimiter {
  readonly #limiters = new Map<string, RateLimiterMemory>();

  async consume(limit: RateLimit, key: string, points = 1): Promise<RateDecision> {
    try {
      const { remainingPoints, msBeforeNext } = await this.#of(limit).consume(key, points);
      return { allowed: true, remaining: remainingPoints, resetMs: msBeforeNext };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { allowed: false, remaining: 0, resetMs: refusal.msBeforeNext };
    }
  }

  async peek(limit: RateLimit, key: string): Promise<RateDecision> {
    const used = await this.#of(limit).get(key);
    if (!used || used.msBeforeNext <= 0) return { allowed: limit.points > 0, remaining: limit.points, resetMs: 0 };
    return { allowed: used.remainingPoints > 0, remaining: used.remainingPoints, resetMs: used.msBeforeNext };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#limiters.clear();
  }

  #of({ name, points, windowSeconds }: RateLimit): RateLimiterMemory {
    return this.#limiters.getOrInsertComputed(
      JSON.stringify([name, points, windowSeconds]),
      () => new RateLimiterMemory({ keyPrefix: name, points, duration: windowSeconds }),
    );
  }
}
