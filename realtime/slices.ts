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
    const isDone = this.#next === this.#waiting.length;
    // Where there is always more to do, what is done must go, too; half of it at once, so that the rest is moved rarely.
    if (isDone || this.#next > this.#waiting.length / 2) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    if (!isDone) setImmediate(() => this.#run());
  }
}
