import type { Redis } from 'ioredis';
import { PubSubUnavailable, type PubSub } from '../../ports/pub-sub.ts';
import { connectRedis, watchTrouble, type RedisTimeouts, type RedisTrouble } from './connection.ts';

interface Subscription {
  readonly listener: (message: string) => void;
  /** Redis has taken it. */
  isOn: boolean;
}

export interface RedisPubSubOptions extends RedisTrouble {
  readonly url: string;
  /** Begins every channel. */
  readonly prefix?: string;
  readonly timeouts?: Partial<RedisTimeouts>;
  /** How often the listening connection is asked whether it still is one. */
  readonly heartbeatMs?: number;
  /** Hears of listeners that throw; they keep their subscription. */
  readonly onError?: (error: unknown) => void;
}

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/**
 * Redis's sharded channels: each channel lives on one node of a cluster. One connection listens, another publishes.
 * After an outage the subscriptions come back by themselves.
 */
export class RedisPubSub implements PubSub {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #prefix: string;
  readonly #channels = new Map<string, Set<Subscription>>();
  readonly #onError: (error: unknown) => void;
  readonly #trouble: ReturnType<typeof watchTrouble>;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(options: RedisPubSubOptions) {
    const { url, prefix = 'parley:', timeouts, heartbeatMs = 5_000, onError = warn, ...trouble } = options;
    this.#publisher = connectRedis(url, timeouts);
    this.#subscriber = connectRedis(url, timeouts);
    this.#prefix = prefix;
    this.#onError = onError;
    this.#trouble = watchTrouble(trouble);
    this.#subscriber.on('smessage', (channel: string, message: string) => this.#deliver(channel, message));
    this.#heartbeat = setInterval(() => void this.#check(), heartbeatMs).unref();
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#attempt(() => this.#publisher.spublish(this.#prefix + channel, message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<AsyncDisposable> {
    const name = this.#prefix + channel;
    const subscription: Subscription = { listener, isOn: false };
    // Known before it is asked for, or whoever ends the channel's last subscription meanwhile would end this one, too.
    this.#channels.getOrInsertComputed(name, () => new Set()).add(subscription);
    try {
      // The answer comes after all messages that were published before, so the listener cannot hear one of those.
      await this.#attempt(() => this.#subscriber.ssubscribe(name));
    } catch (error) {
      await this.#remove(name, subscription);
      throw error;
    }
    subscription.isOn = true;
    return { [Symbol.asyncDispose]: () => this.#remove(name, subscription) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#channels.clear();
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }

  #deliver(channel: string, message: string): void {
    for (const { listener, isOn } of this.#channels.get(channel) ?? []) {
      if (!isOn) continue;
      try {
        listener(message);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  async #remove(channel: string, subscription: Subscription): Promise<void> {
    const present = this.#channels.get(channel);
    if (!present?.delete(subscription) || present.size > 0) return;
    this.#channels.delete(channel);
    // Unheard messages do no harm, and a connection that is lost has no subscription to end.
    await this.#subscriber.sunsubscribe(channel).catch(() => {});
  }

  /** A connection that only listens would never notice that the other end is gone. */
  async #check(): Promise<void> {
    if (this.#subscriber.status !== 'ready') return;
    await this.#subscriber.ping().catch(() => this.#subscriber.disconnect(true));
  }

  #attempt<T>(work: () => Promise<T>): Promise<T> {
    return this.#trouble.attempt(
      work,
      (cause) => new PubSubUnavailable('Redis did not take the message or the subscription', { cause }),
    );
  }
}
