import type { Turn } from '../services/message-service.ts';

interface Lane {
  /** All that the newest work had to wait for before it began. */
  readonly start: Promise<unknown>;
  /** The newest work and all that began with it before have passed their turns. */
  readonly passed: Promise<unknown>;
  readonly done: Promise<unknown>;
  readonly shares: boolean;
}

const now = Promise.resolve();

/**
 * Runs what shares a key one after another, in the order of `run`; different keys do not wait for each other. Works
 * that share, one after another, begin together and keep their order by their turns.
 */
export class RequestLanes {
  readonly #lanes = new Map<string, Lane>();

  /** `work` must not reject. */
  run(key: string, work: (turn: Turn) => Promise<void>, { shares }: { readonly shares: boolean }): void {
    const earlier = this.#lanes.get(key);
    const joined = shares && earlier?.shares ? earlier : undefined;
    const start = joined?.start ?? earlier?.done ?? now;
    const { promise: passed, resolve: pass } = Promise.withResolvers<void>();
    // Refused before its turn, a work passes it early; the next one still waits for those before both.
    const mine = start.then(() => work({ mine: joined?.passed ?? now, pass })).finally(pass);
    const lane = {
      start,
      passed: joined ? Promise.all([joined.passed, passed]) : passed,
      done: joined ? Promise.all([joined.done, mine]) : mine,
      shares,
    };
    this.#lanes.set(key, lane);
    void lane.done.then(() => {
      if (this.#lanes.get(key) === lane) this.#lanes.delete(key);
    });
  }
}
