import type { Connection } from './connection.ts';
import { closeCode, Envelope } from './protocol.ts';

export interface IntakeOptions {
  readonly maxInFlight: number;
  /** Takes one frame, in order of arrival. The next one waits until it resolves; `release` tells that all is done. */
  readonly take: (envelope: Envelope, release: () => void) => Promise<void>;
}

/** Hands on a connection's frames one by one, and stops reading its socket while too much is in flight. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #connection: Connection;
  readonly #waiting: string[] = [];
  #inFlight = 0;
  #isTaking = false;
  #isPaused = false;
  #idle: (() => void) | undefined;

  constructor(connection: Connection, options: IntakeOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  push(text: string): void {
    this.#waiting.push(text);
    if (!this.#isPaused && this.#waiting.length + this.#inFlight >= this.#options.maxInFlight) {
      this.#isPaused = true;
      this.#connection.pause();
    }
    if (!this.#isTaking) void this.#take();
  }

  /** Resolves once nothing is in flight. */
  async idle(): Promise<void> {
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  async #take(): Promise<void> {
    this.#isTaking = true;
    while (this.#waiting.length > 0 && this.#inFlight < this.#options.maxInFlight) {
      if (this.#connection.isClosed) this.#waiting.length = 0;
      else await this.#takeOne(this.#waiting.shift()!);
    }
    this.#isTaking = false;
    if (this.#isPaused && this.#waiting.length === 0 && this.#inFlight < this.#options.maxInFlight) {
      this.#isPaused = false;
      this.#connection.resume();
    }
  }

  async #takeOne(text: string): Promise<void> {
    const envelope = Envelope.safeParse(parseJson(text));
    if (!envelope.success) return this.#connection.close(closeCode.badFrame);
    this.#inFlight += 1;
    let isReleased = false;
    await this.#options.take(envelope.data, () => {
      if (isReleased) return;
      isReleased = true;
      this.#release();
    });
  }

  #release(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#idle?.();
    if (!this.#isTaking) void this.#take();
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
