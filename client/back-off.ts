export interface BackOffSettings {
  /** Upper bound of the first delay, in milliseconds; it doubles from try to try. */
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Exponential back-off with full jitter: uniform between 0 and a bound that doubles, never below `leastMs`. */
export class BackOff {
  readonly #settings: BackOffSettings;
  readonly #random: () => number;
  #tries = 0;

  constructor(settings: BackOffSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  next(leastMs = 0): number {
    const { firstMs, mostMs } = this.#settings;
    const bound = Math.min(mostMs, firstMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    // What the server asked for is waited out; the jitter comes on top, so that not all come back at once.
    return leastMs + this.#random() * bound;
  }

  reset(): void {
    this.#tries = 0;
  }
}
