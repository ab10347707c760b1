import { beforeLog, type Position } from '../ports/event-store.ts';

interface Waiter {
  readonly position: Position;
  readonly settle: (passed: boolean) => void;
}

/** Up to where a read model is done, and who waits for it. */
export class Progress {
  #position = beforeLog;
  #stopped = false;
  readonly #waiting = new Set<Waiter>();

  get position(): Position {
    return this.#position;
  }

  /** Never goes back. */
  advance(position: Position): void {
    if (position <= this.#position) return;
    this.#position = position;
    for (const { position: wanted, settle } of this.#waiting) if (wanted <= position) settle(true);
  }

  /** Until it goes on, nobody waits in vain. */
  stop(): void {
    this.#stopped = true;
    for (const { settle } of this.#waiting) settle(false);
  }

  goOn(): void {
    this.#stopped = false;
  }

  /** True once the position is passed; false when it is not in time, or when progress has stopped before it. */
  async passed(position: Position, timeoutMs: number): Promise<boolean> {
    if (position <= this.#position) return true;
    if (this.#stopped) return false;
    return await new Promise((resolve) => {
      const settle = (passed: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        resolve(passed);
      };
      const waiter: Waiter = { position, settle };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiting.add(waiter);
    });
  }
}
