export interface ForgettingOptions {
  /** Rewrites what still holds something removed. False when there is more to do later. */
  readonly forget: (collection: string) => Promise<boolean>;
  /** How long what was removed may lie on disk before it is seen to. */
  readonly afterMs: number;
}

/** It may take up to this part of the time. */
const share = 1 / 20;

/**
 * Sees to it that what was replaced or removed leaves the disk, also where nothing is written any more. The larger the
 * index, the longer that takes and the rarer it is done.
 */
export class Forgetting implements Disposable {
  readonly #options: ForgettingOptions;
  readonly #due = new Map<string, NodeJS.Timeout>();
  readonly #notBefore = new Map<string, number>();

  constructor(options: ForgettingOptions) {
    this.#options = options;
  }

  /** Something of this collection was replaced or removed. */
  soon(collection: string): void {
    if (this.#due.has(collection)) return;
    const wait = Math.max(this.#options.afterMs, (this.#notBefore.get(collection) ?? 0) - performance.now());
    const timer = setTimeout(() => void this.#run(collection), wait).unref();
    this.#due.set(collection, timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#due.values()) clearTimeout(timer);
  }

  async #run(collection: string): Promise<void> {
    const started = performance.now();
    // What cannot be done now is done later: nothing waits for it.
    const isDone = await this.#options.forget(collection).catch(() => false);
    const took = performance.now() - started;
    this.#notBefore.set(collection, performance.now() + took / share);
    this.#due.delete(collection);
    if (!isDone) this.soon(collection);
  }
}
