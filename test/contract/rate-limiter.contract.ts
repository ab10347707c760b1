import { describe, expect, vi } from 'vitest';
import type { RateDecision, RateLimit, RateLimiter } from '../../ports/rate-limiter.ts';
import { testOn, type Open } from './opened.ts';

const logins: RateLimit = { name: 'logins', points: 3, windowSeconds: 60 };

const expectWithin = ({ resetMs }: RateDecision, { windowSeconds }: RateLimit): void => {
  expect(resetMs).toBeGreaterThan(0);
  expect(resetMs).toBeLessThanOrEqual(windowSeconds * 1_000);
};

/** What every rate limiter does. `open` gives one that has counted nothing yet. */
export const rateLimiterContract = (adapterName: string, open: Open<RateLimiter>): void => {
  const on = testOn(open);

  describe(`rate limiter: ${adapterName}`, () => {
    on('allows as many as there are points, then refuses until the window ends', async (limiter) => {
      for (const remaining of [2, 1, 0]) {
        const decision = await limiter.consume(logins, 'ann');
        expect(decision).toMatchObject({ allowed: true, remaining });
        expectWithin(decision, logins);
      }
      const refused = await limiter.consume(logins, 'ann');
      expect(refused).toMatchObject({ allowed: false, remaining: 0 });
      expectWithin(refused, logins);
    });

    on('takes several points at once, also when they are no longer there', async (limiter) => {
      expect(await limiter.consume(logins, 'ann', 2)).toMatchObject({ allowed: true, remaining: 1 });
      expect(await limiter.consume(logins, 'ann', 2)).toMatchObject({ allowed: false, remaining: 0 });
      expect(await limiter.consume(logins, 'ann')).toMatchObject({ allowed: false, remaining: 0 });
    });

    on('counts each key and each limit by itself', async (limiter) => {
      const sends = { name: 'sends', points: 5, windowSeconds: 60 };
      await limiter.consume(logins, 'ann', 3);
      expect(await limiter.consume(logins, 'ann')).toMatchObject({ allowed: false });
      expect(await limiter.consume(logins, 'ben')).toMatchObject({ allowed: true, remaining: 2 });
      expect(await limiter.consume(sends, 'ann')).toMatchObject({ allowed: true, remaining: 4 });
      expect(await limiter.consume(logins, '')).toMatchObject({ allowed: true, remaining: 2 });
    });

    on('shows what is left without taking it', async (limiter) => {
      expect(await limiter.peek(logins, 'ann')).toEqual({ allowed: true, remaining: 3, resetMs: 0 });
      await limiter.consume(logins, 'ann', 2);
      for (let again = 0; again < 5; again += 1) {
        const decision = await limiter.peek(logins, 'ann');
        expect(decision).toMatchObject({ allowed: true, remaining: 1 });
        expectWithin(decision, logins);
      }
      await limiter.consume(logins, 'ann');
      expect(await limiter.peek(logins, 'ann')).toMatchObject({ allowed: false, remaining: 0 });
      await limiter.consume(logins, 'ann');
      expect(await limiter.peek(logins, 'ann')).toMatchObject({ allowed: false, remaining: 0 });
    });

    on('allows exactly as many of those who race', async (limiter) => {
      const limit = { name: 'race', points: 10, windowSeconds: 60 };
      const decisions = await Promise.all(Array.from({ length: 50 }, () => limiter.consume(limit, 'ann')));
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10);
    });

    on('starts again when the window has ended', async (limiter) => {
      const short = { name: 'short', points: 1, windowSeconds: 1 };
      await limiter.consume(short, 'ann', 5);
      expect(await limiter.consume(short, 'ann')).toMatchObject({ allowed: false });
      await vi.waitFor(
        async () => expect(await limiter.consume(short, 'ann')).toMatchObject({ allowed: true, remaining: 0 }),
        { timeout: 4_000, interval: 20 },
      );
    });
  });
};
