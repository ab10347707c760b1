import { LRUCache } from 'lru-cache';
import type { Catalog } from '../domain/catalog.ts';
import { parseStream } from '../domain/ids.ts';
import { EventStoreUnavailable, type EventStore } from '../ports/event-store.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import { backOff, defaultBackOff } from '../projections/back-off.ts';
import { keepListening } from '../projections/keep-listening.ts';
import type { Log } from '../projections/log.ts';
import { pause } from '../projections/persist.ts';
import { errorClass } from '../projections/projection-errors.ts';
import { decodeRecorded, type Decoded } from '../projections/undecodable-log-event.ts';
import { decodeEvents, type Entry } from './messages.ts';
import { channels } from './topics.ts';

export interface ContentsOptions {
  readonly events: Pick<EventStore, 'readStream'>;
  readonly catalog: Catalog;
  readonly pubSub: Pick<PubSub, 'subscribe'>;
  readonly log: Log;
  /** Whether anybody here still needs what is published of a conversation. */
  readonly isWanted: (conversationId: string) => boolean;
  /** How often subscriptions that nobody needs are ended. */
  readonly sweepMs: number;
}

/** Bounds what is held of events that were published but not asked for yet; whatever is lost is read from its stream. */
const mostEvents = 8_192;
const mostCharacters = 16 * 1024 * 1024;

const keyOf = ({ stream, revision }: Pick<Entry, 'stream' | 'revision'>): string => `${revision}@${stream}`;

/**
 * The events behind entries: those that relays have published, and from the streams what did not come. A conversation's
 * channel is subscribed to when the first of its events was needed, so that one where nothing happens costs nothing.
 */
export class Contents implements AsyncDisposable {
  readonly #options: ContentsOptions;
  readonly #held = new LRUCache<string, Decoded>({ max: mostEvents, maxSize: mostCharacters });
  readonly #common: AsyncDisposable;
  readonly #conversations = new Map<string, AsyncDisposable>();
  readonly #sweeping: NodeJS.Timeout;
  /** Events that had to be read from their streams. */
  repairs = 0;

  constructor(options: ContentsOptions) {
    this.#options = options;
    this.#common = keepListening(options.pubSub, channels.all, (text) => this.#hear(text));
    this.#sweeping = setInterval(() => this.#sweep(), options.sweepMs).unref();
  }

  /** Conversations that are subscribed to. */
  get subscribed(): number {
    return this.#conversations.size;
  }

  /** The events at these places, in the same order. Tries as long as it takes; none when the signal aborts before. */
  async of(entries: readonly Entry[], signal: AbortSignal): Promise<readonly Decoded[]> {
    const found = new Map<Entry, Decoded>();
    for (const entry of entries) {
      const held = this.#held.get(keyOf(entry));
      if (held !== undefined) found.set(entry, held);
      if (entry.audience === 'listeners') this.#subscribe(entry.stream);
    }
    for (let failures = 0; !signal.aborted;) {
      const missing = entries.filter((entry) => !found.has(entry));
      if (missing.length === 0) return entries.map((entry) => found.get(entry)!);
      try {
        await this.#read(missing, found, signal);
        if (missing.every((entry) => found.has(entry))) continue;
      } catch (error) {
        if (!(error instanceof EventStoreUnavailable)) throw error;
        this.#options.log.warn({ error: errorClass(error) }, 'A stream could not be read; trying again');
      }
      failures += 1;
      await pause(backOff(defaultBackOff, failures), signal);
    }
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeping);
    const all = [this.#common, ...this.#conversations.values()];
    this.#conversations.clear();
    await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
  }

  async #read(missing: readonly Entry[], found: Map<Entry, Decoded>, signal: AbortSignal): Promise<void> {
    const { events, catalog } = this.#options;
    for (const [stream, entries] of Map.groupBy(missing, (entry) => entry.stream)) {
      const byRevision = new Map(entries.map((entry) => [entry.revision, entry]));
      const revisions = [...byRevision.keys()];
      const last = Math.max(...revisions);
      for await (const recorded of events.readStream(stream, { after: Math.min(...revisions) - 1 })) {
        signal.throwIfAborted();
        const entry = byRevision.get(recorded.revision);
        if (entry !== undefined) {
          this.repairs += 1;
          found.set(entry, decodeRecorded(catalog, recorded));
        }
        if (recorded.revision >= last) break;
      }
    }
  }

  #hear(text: string): void {
    const events = decodeEvents(text);
    const size = Math.ceil(text.length / events.length);
    for (const recorded of events) {
      this.#held.set(keyOf(recorded), decodeRecorded(this.#options.catalog, recorded), { size });
    }
  }

  #subscribe(stream: string): void {
    this.#conversations.getOrInsertComputed(parseStream(stream).id, () =>
      keepListening(this.#options.pubSub, channels.conversation(stream), (text) => this.#hear(text)),
    );
  }

  #sweep(): void {
    for (const [conversationId, subscription] of this.#conversations) {
      if (this.#options.isWanted(conversationId)) continue;
      this.#conversations.delete(conversationId);
      void subscription[Symbol.asyncDispose]();
    }
  }
}
