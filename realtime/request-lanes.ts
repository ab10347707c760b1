/** Runs what shares a key one after another, in the order of `run`; different keys do not wait for each other. */
export class RequestLanes {
  readonly #last = new Map<string, Promise<void>>();

  run(key: string, work: () => Promise<void>): void {
    const previous = this.#last.get(key);
    const mine = previous === undefined ? work() : previous.then(work);
    this.#last.set(key, mine);
    void mine.finally(() => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    });
  }
}
