import { setTimeout as sleep } from 'node:timers/promises';

export interface OutageOptions {
  /** Resolves when the server answers. */
  readonly probe: () => Promise<unknown>;
  readonly everyMs: number;
}

/**
 * Remembers that a server accepts calls and does not answer them, so that one caller waits for the deadline and not
 * everybody. Ends with the first probe that is answered.
 */
export class Outage implements AsyncDisposable {
  readonly #options: OutageOptions;
  readonly #closing = new AbortController();
  #probing: Promise<void> | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** Whether calls had better fail at once. */
  get isNow(): boolean {
    return this.#probing !== undefined;
  }

  begin(): void {
    if (this.#closing.signal.aborted) return;
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#probing;
  }

  async #probe(): Promise<void> {
    const { probe, everyMs } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await probe();
        return;
      } catch {
        // Rejects only when the signal aborts, which the loop looks at itself.
        await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
