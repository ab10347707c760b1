import { Bell } from './bell.ts';
import type { Log } from './log.ts';
import { framesOf, troubleOf, type Trouble } from './status.ts';

/** Where a projection says that something is wrong with it, and where it stops until it is resumed. */
export class Parking {
  readonly #projection: string;
  readonly #log: Log;
  readonly #resumed = new Bell();
  #trouble: Trouble | null = null;
  /** How many shards stand still. */
  #parked = 0;
  #resumes = 0;

  constructor(projection: string, log: Log) {
    this.#projection = projection;
    this.#log = log;
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  get isParked(): boolean {
    return this.#parked > 0;
  }

  /** It went wrong and will be tried again. */
  note(error: unknown, attempts: number): void {
    this.#trouble = troubleOf(error, attempts);
    this.#log.warn(this.#fields(error, attempts), 'A projection failed and will be tried again');
  }

  /** All is well again. */
  clear(): void {
    if (!this.isParked) this.#trouble = null;
  }

  /** Resolves when it is resumed or the signal aborts. */
  async park(error: unknown, attempts: number, signal: AbortSignal): Promise<void> {
    const resumes = this.#resumes;
    const wake = (): void => this.#resumed.ring();
    this.#trouble = troubleOf(error, attempts);
    this.#parked += 1;
    this.#log.error(this.#fields(error, attempts), 'A projection is parked until it is resumed');
    signal.addEventListener('abort', wake, { once: true });
    while (!signal.aborted && this.#resumes === resumes) await this.#resumed.after(this.#resumed.rings);
    signal.removeEventListener('abort', wake);
    if (this.#resumes === resumes) this.#parked -= 1;
    this.clear();
  }

  /** False when it is not parked. */
  resume(): boolean {
    if (!this.isParked) return false;
    this.#log.info({ projection: this.#projection }, 'A projection is resumed');
    this.#parked = 0;
    this.#resumes += 1;
    this.#resumed.ring();
    return true;
  }

  #fields(error: unknown, tried: number): Readonly<Record<string, unknown>> {
    const { error: name, event, attempts } = troubleOf(error, tried);
    return {
      projection: this.#projection,
      error: name,
      attempts,
      ...(event !== null && {
        event: event.type,
        stream: event.stream,
        revision: event.revision,
        logPosition: String(event.position),
      }),
      frames: framesOf(error),
    };
  }
}
