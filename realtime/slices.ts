/** Connections that are written to before others get their turn. */
const atOnce = 100;

/** Does small work for many a slice at a time, in order, so that one large conversation does not keep all others waiting. */
export class Slices {
  #waiting: (() => void)[] = [];
  #next = 0;

  add(work: () => void): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const end = Math.min(this.#next + atOnce, this.#waiting.length);
    for (; this.#next < end; this.#next += 1) this.#waiting[this.#next]!();
    if (this.#next < this.#waiting.length) {
      setImmediate(() => this.#run());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
  }
}
