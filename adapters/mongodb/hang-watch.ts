import { Outage } from '../outage.ts';

/** The server accepts calls and answers none. */
export class MongoDbHangs extends Error {
  override readonly name = 'MongoDbHangs';

  constructor() {
    super('MongoDB does not answer');
  }
}

export interface HangWatchOptions {
  /** Resolves when the server answers. */
  readonly ping: () => Promise<unknown>;
  /** How long until whoever waits is told; half of it is the ping's. */
  readonly answerMs: number;
}

const pingEveryMs = 250;

/**
 * Tells a server that hangs from one that is slow: what has waited for long is waited for as long as a ping is
 * answered meanwhile. When none is, all calls fail, those to come at once, until one is. The driver has a deadline for
 * each attempt alone, and one call may be several.
 */
export class HangWatch implements AsyncDisposable {
  readonly #ping: () => Promise<unknown>;
  readonly #patienceMs: number;
  readonly #outage: Outage;
  readonly #waiting = new Set<(reason: MongoDbHangs) => void>();
  #asking: Promise<void> | undefined;

  constructor({ ping, answerMs }: HangWatchOptions) {
    this.#ping = ping;
    this.#patienceMs = answerMs / 2;
    this.#outage = new Outage({ probe: ping, everyMs: pingEveryMs });
  }

  /** Throws `MongoDbHangs` while the server does; what was begun then may still be done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#outage.isNow) throw new MongoDbHangs();
    const hung = Promise.withResolvers<never>();
    this.#waiting.add(hung.reject);
    const looking = setInterval(() => this.#look(), this.#patienceMs);
    try {
      return await Promise.race([work(), hung.promise]);
    } finally {
      clearInterval(looking);
      this.#waiting.delete(hung.reject);
    }
  }

  /** For a client that is closing: a ping under way ends with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outage[Symbol.asyncDispose]();
    await this.#asking;
  }

  #look(): void {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
  }

  async #ask(): Promise<void> {
    if (await this.#isAnswered()) return;
    this.#outage.begin();
    for (const reject of this.#waiting) reject(new MongoDbHangs());
  }

  async #isAnswered(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const late = setTimeout(resolve, this.#patienceMs, false);
    this.#ping().then(
      () => resolve(true),
      () => resolve(false),
    );
    try {
      return await promise;
    } finally {
      clearTimeout(late);
    }
  }
}
