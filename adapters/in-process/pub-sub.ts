import type { PubSub } from '../../ports/pub-sub.ts';

interface Subscription {
  readonly listener: (message: string) => void;
}

export interface InProcessPubSubOptions {
  /** Hears of listeners that throw; they keep their subscription. */
  readonly onError?: (error: unknown) => void;
}

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Reaches the listeners of this process only. Listeners run after `publish` has returned, never inside it. */
export class InProcessPubSub implements PubSub {
  readonly #channels = new Map<string, Set<Subscription>>();
  readonly #onError: (error: unknown) => void;

  constructor({ onError = warn }: InProcessPubSubOptions = {}) {
    this.#onError = onError;
  }

  async publish(channel: string, message: string): Promise<void> {
    const present = [...(this.#channels.get(channel) ?? [])];
    queueMicrotask(() => {
      for (const subscription of present) this.#deliver(channel, subscription, message);
    });
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<AsyncDisposable> {
    const subscription: Subscription = { listener };
    this.#channels.getOrInsertComputed(channel, () => new Set()).add(subscription);
    return { [Symbol.asyncDispose]: async () => this.#remove(channel, subscription) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#channels.clear();
  }

  #deliver(channel: string, subscription: Subscription, message: string): void {
    if (!this.#channels.get(channel)?.has(subscription)) return;
    try {
      subscription.listener(message);
    } catch (error) {
      this.#onError(error);
    }
  }

  #remove(channel: string, subscription: Subscription): void {
    const present = this.#channels.get(channel);
    present?.delete(subscription);
    if (present?.size === 0) this.#channels.delete(channel);
  }
}
