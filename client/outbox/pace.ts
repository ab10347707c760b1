import { pause } from '../repeat.ts';
import type { Platform } from '../platform.ts';

/** Lets so many through in a time and no more, so that the server need not refuse any. */
export class Pace {
  readonly #platform: Pick<Platform, 'after' | 'now'>;
  readonly #most: number;
  readonly #windowMs: number;
  readonly #passed: number[] = [];

  constructor(platform: Pick<Platform, 'after' | 'now'>, most: number, windowMs: number) {
    this.#platform = platform;
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Resolves when it is one's turn, or with the signal. */
  async turn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#platform.now();
      while (this.#passed.length > 0 && !this.#isRecent(this.#passed[0]!, now)) this.#passed.shift();
      if (this.#passed.length < this.#most) break;
      const waitMs = this.#passed[0]! + this.#windowMs - now;
      await pause(this.#platform, waitMs, signal);
    }
    this.#passed.push(this.#platform.now());
  }

  /** What lies ahead was before the clock was set back, and says nothing. */
  #isRecent(at: number, now: number): boolean {
    return at > now - this.#windowMs && at <= now;
  }
}
