import type { Position } from '../ports/event-store.ts';
import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import { keepListening } from './keep-listening.ts';
import type { Log } from './log.ts';
import { pause } from './persist.ts';
import { errorClass } from './projection-errors.ts';

export interface ProgressNewsOptions {
  readonly pubSub: PubSub;
  readonly log: Log;
  /** Tells this process's own news from the others'. */
  readonly self: string;
  readonly hear: (checkpoint: string, position: Position) => void;
}

interface Message {
  readonly from: string;
  readonly positions: Readonly<Record<string, string>>;
}

const channel = 'projections';
const retryMs = 1_000;

/** What projectors tell other processes at once. Any of it may be lost: the checkpoints say the same a little later. */
export class ProgressNews implements AsyncDisposable {
  readonly #options: ProgressNewsOptions;
  readonly #stop = new AbortController();
  readonly #subscription: AsyncDisposable;
  #untold = new Map<string, Position>();
  #telling: Promise<void> | undefined;
  /** When another process was heard last, by `performance.now()`. */
  heardAt = -Infinity;

  constructor(options: ProgressNewsOptions) {
    this.#options = options;
    this.#subscription = keepListening(options.pubSub, channel, (text) => this.#hear(text));
  }

  /** What comes while a message is on its way rides the next one. */
  tell(checkpoint: string, position: Position): void {
    this.#untold.set(checkpoint, position);
    this.#telling ??= this.#tellAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#telling;
    await this.#subscription[Symbol.asyncDispose]();
  }

  async #tellAll(): Promise<void> {
    await Promise.resolve();
    while (this.#untold.size > 0 && !this.#stop.signal.aborted) {
      const positions = Object.fromEntries([...this.#untold].map(([name, position]) => [name, String(position)]));
      this.#untold = new Map();
      const message: Message = { from: this.#options.self, positions };
      try {
        await this.#options.pubSub.publish(channel, JSON.stringify(message));
      } catch (error) {
        if (!(error instanceof PubSubUnavailable))
          this.#options.log.warn({ error: errorClass(error) }, 'News were lost');
        await pause(retryMs, this.#stop.signal);
      }
    }
    // At the very moment at which it has looked for the last time, or what is told a moment later would be left.
    this.#telling = undefined;
  }

  #hear(text: string): void {
    const { from, positions } = JSON.parse(text) as Message;
    if (from === this.#options.self) return;
    this.heardAt = performance.now();
    for (const [name, position] of Object.entries(positions)) this.#options.hear(name, BigInt(position));
  }
}
