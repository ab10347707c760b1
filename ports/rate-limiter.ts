export interface RateLimit {
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

export interface RateDecision {
  readonly allowed: boolean;
  /** Points left in the present window. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** Counts what each key has used up. May forget everything at any time; never blocks for longer than a window. */
export interface RateLimiter extends AsyncDisposable {
  /** Takes points, also when they are no longer there. */
  consume(limit: RateLimit, key: string, points?: number): Promise<RateDecision>;
  /** What `consume` would find, without taking anything. */
  peek(limit: RateLimit, key: string): Promise<RateDecision>;
}
