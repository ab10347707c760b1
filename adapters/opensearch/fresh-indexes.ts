/** Brings indexes up to date for searches, each as often as needed and never twice at the same time. */
export class FreshIndexes {
  readonly #refresh: (collection: string) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Promise<void>>();

  constructor(refresh: (collection: string) => Promise<void>) {
    this.#refresh = refresh;
  }

  /** Resolves after a refresh that began after this call: one under way may have missed what was just written. */
  fresh(collection: string): Promise<void> {
    const running = this.#running.get(collection);
    if (running === undefined) return this.#start(collection);
    return this.#waiting.getOrInsertComputed(collection, async () => {
      await running.catch(() => undefined);
      this.#waiting.delete(collection);
      await (this.#running.get(collection) ?? this.#start(collection));
    });
  }

  #start(collection: string): Promise<void> {
    const running = this.#refresh(collection).finally(() => {
      if (this.#running.get(collection) === running) this.#running.delete(collection);
    });
    this.#running.set(collection, running);
    return running;
  }
}
