import type { Platform } from '../platform.ts';

export interface WatchOptions {
  readonly platform: Pick<Platform, 'after'>;
  /** How long an answer may take before the line counts as dead. */
  readonly answerMs: number;
  readonly onSilence: () => void;
  /** Asks the other side for a sign of life. */
  readonly beat: () => void;
}

/**
 * Tells a dead line from a quiet one: only where something was sent, and nothing at all has come since, silence means
 * something. Timers that run late (pages in the background) therefore end no line that is alive.
 */
export class Watch {
  readonly #options: WatchOptions;
  #cancelAnswer: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Something was sent, or is awaited: a frame is due. */
  expect(ms = this.#options.answerMs): void {
    if (this.#cancelAnswer !== undefined) return;
    this.#cancelAnswer = this.#options.platform.after(ms, () => {
      this.#cancelAnswer = undefined;
      this.#options.onSilence();
    });
  }

  heard(): void {
    this.#cancelAnswer?.();
    this.#cancelAnswer = undefined;
  }

  /** Asks for a sign of life so often. */
  beatEvery(ms: number): void {
    this.#cancelBeat?.();
    this.#cancelBeat = this.#options.platform.after(ms, () => {
      this.#options.beat();
      this.beatEvery(ms);
    });
  }

  stop(): void {
    this.heard();
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
  }
}
