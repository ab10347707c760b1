/** Wakes whoever waits for news. Look at `rings` before looking for news, and no news is slept through. */
export class Bell {
  #rings = 0;
  #next = Promise.withResolvers<void>();

  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    const rung = this.#next;
    this.#rings += 1;
    this.#next = Promise.withResolvers<void>();
    rung.resolve();
  }

  /** Resolves once it has rung since `rings` was `seen`. */
  async after(seen: number): Promise<void> {
    if (this.#rings === seen) await this.#next.promise;
  }
}
