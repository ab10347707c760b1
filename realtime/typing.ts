import { z } from 'zod';
import { Uuid } from '../domain/ids.ts';
import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { Log } from '../projections/log.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Caller } from '../services/caller.ts';
import { demandAllowed, typingOfUser } from '../services/rate-limits.ts';
import { mayType } from '../services/typing.ts';
import type { Connection } from './connection.ts';
import type { RealtimeSettings } from './settings.ts';
import { keepListening } from '../projections/keep-listening.ts';
import { TypingHere } from './typing-here.ts';

export interface TypingOptions {
  readonly pubSub: PubSub;
  readonly limiter: RateLimiter;
  readonly models: Pick<ReadModels, 'feed' | 'contacts'>;
  readonly settings: Pick<RealtimeSettings, 'typingMs' | 'typingRepeatMs'>;
  /** Tells those who listen to the conversation here, but for one user. False when nobody listens. */
  readonly tell: (conversationId: string, exceptUserId: string, frame: () => Buffer) => boolean;
  readonly log: Log;
}

const Told = z.tuple([Uuid, Uuid, Uuid, z.boolean()]);

/** The last digit of an id is evenly spread whatever its version. */
const channelOf = (conversationId: string): string => `typing/${conversationId.at(-1)}`;
const channels = Array.from({ length: 16 }, (_, digit) => channelOf(digit.toString(16)));

/** Who types: told to all nodes by pub/sub, kept nowhere. It ends by itself, so that a lost message does no harm. */
export class Typing implements AsyncDisposable {
  readonly #options: TypingOptions;
  readonly #here: TypingHere;
  readonly #listening: readonly AsyncDisposable[];
  /** When each connection was last told to type where. */
  readonly #told = new Map<Connection, Map<string, number>>();

  constructor(options: TypingOptions) {
    this.#options = options;
    this.#here = new TypingHere(options);
    this.#listening = channels.map((channel) =>
      keepListening(options.pubSub, channel, (message) => this.#hear(message)),
    );
  }

  /** Throws what a send would, and `rate/limited`. */
  async set(connection: Connection, caller: Caller, conversationId: string, isActive: boolean): Promise<void> {
    const { limiter, models, settings } = this.#options;
    if (!isActive) {
      await mayType(models, caller, conversationId);
      return this.ended(connection, caller, conversationId);
    }
    const now = performance.now();
    const own = this.#told.getOrInsertComputed(connection, () => {
      void connection.whenEnded.then(() => this.#leave(connection, caller));
      return new Map();
    });
    const before = own.get(conversationId);
    if (before !== undefined && now - before < settings.typingRepeatMs) return;
    // At once, so that what is sent meanwhile ends it.
    own.set(conversationId, now);
    try {
      await mayType(models, caller, conversationId);
      demandAllowed(await limiter.consume(typingOfUser, caller.userId));
    } catch (error) {
      own.delete(conversationId);
      throw error;
    }
    for (const [other, since] of own) if (now - since > settings.typingMs) own.delete(other);
    if (own.get(conversationId) === now && !connection.isClosed) await this.#publish(caller, conversationId, true);
  }

  /** Nothing is typed there any more: it was sent, or given up. */
  ended(connection: Connection, caller: Caller, conversationId: string): void {
    const since = this.#told.get(connection)?.get(conversationId);
    if (since === undefined) return;
    this.#told.get(connection)?.delete(conversationId);
    // What has ended by itself on every node needs no message.
    if (performance.now() - since < this.#options.settings.typingMs) void this.#publish(caller, conversationId, false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#here[Symbol.dispose]();
    await Promise.all(this.#listening.map((one) => one[Symbol.asyncDispose]()));
  }

  #leave(connection: Connection, caller: Caller): void {
    for (const conversationId of this.#told.get(connection)?.keys() ?? []) {
      this.ended(connection, caller, conversationId);
    }
    this.#told.delete(connection);
  }

  async #publish({ userId, deviceId }: Caller, conversationId: string, isActive: boolean): Promise<void> {
    const told: z.infer<typeof Told> = [conversationId, userId, deviceId, isActive];
    try {
      await this.#options.pubSub.publish(channelOf(conversationId), JSON.stringify(told));
    } catch (error) {
      if (!(error instanceof PubSubUnavailable)) this.#options.log.warn({ err: error }, 'Typing was not told');
    }
  }

  #hear(message: string): void {
    const [conversationId, userId, deviceId, isActive] = Told.parse(JSON.parse(message));
    this.#here.hear(conversationId, userId, deviceId, isActive);
  }
}
