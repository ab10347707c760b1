import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import { backOff, defaultBackOff } from '../projections/back-off.ts';
import type { Log } from '../projections/log.ts';
import type { Ownership } from '../projections/ownership.ts';
import { errorClass } from '../projections/projection-errors.ts';
import { shardOf } from '../projections/shards.ts';
import { encodeEvents, encodeMark, type Entry } from './messages.ts';
import { idleMs as defaultIdleMs, relayShards, relayWork } from './settings.ts';
import { audienceOf, channels, type Audience } from './topics.ts';

export interface RelayOptions {
  readonly events: Pick<EventStore, 'head' | 'subscribe'>;
  readonly pubSub: Pick<PubSub, 'publish'>;
  /** Which shards this relay is the one for. */
  readonly ownership: Pick<Ownership, 'owns'>;
  readonly log: Log;
  /** How often it says that it lives while it has nothing to tell. */
  readonly idleMs?: number;
}

interface Published {
  readonly recorded: RecordedEvent;
  readonly audience: Audience;
}

const allShards = Array.from({ length: relayShards }, (_, index) => index);

const channelOf = ({ recorded, audience }: Published): string =>
  audience === 'all' ? channels.all : channels.conversation(recorded.stream);

const entryOf = ({ recorded: { stream, revision, position }, audience }: Published): Entry => ({
  stream,
  revision,
  position,
  audience,
});

/**
 * Publishes the log for nodes that do not read it: each event once, where those who need it listen, and after them a
 * mark of all that were published. What gets lost on the way is noticed by the marks, so nothing is sent again.
 */
export class Relay implements AsyncDisposable {
  readonly #options: RelayOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #idling: NodeJS.Timeout;
  readonly #idleMs: number;
  #position: Position | undefined;
  /** The log is read, and nothing of it is on its way. */
  #isResting = false;
  #markedAt = -Infinity;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#idleMs = options.idleMs ?? defaultIdleMs;
    this.#running = this.#run();
    this.#idling = setInterval(() => void this.#sayIdle(), this.#idleMs / 2).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#idling);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { events, log } = this.#options;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      try {
        this.#position ??= await events.head();
        for await (const item of events.subscribe(this.#position, signal)) {
          failures = 0;
          this.#isResting = false;
          if (item.kind === 'events') await this.#publish(item.events);
          this.#isResting = true;
        }
        if (!signal.aborted) throw new Error('The subscription ended by itself');
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#isResting = false;
        log.warn({ error: errorClass(error) }, 'The log cannot be relayed; trying again');
        await sleep(backOff(defaultBackOff, failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #publish(events: readonly RecordedEvent[]): Promise<void> {
    const shards = this.#ownShards();
    const own = (stream: string): boolean => shards.includes(shardOf(stream, relayShards));
    const published = events
      .map((recorded) => ({ recorded, audience: audienceOf(recorded) }))
      .filter((one): one is Published => one.audience !== undefined && own(one.recorded.stream));
    await Promise.all(
      Map.groupBy(published, channelOf)
        .entries()
        .map(([channel, some]) => this.#tell(channel, encodeEvents(some.map(({ recorded }) => recorded)))),
    );
    await this.#mark(shards, events.at(-1)!.position, published.map(entryOf));
  }

  async #mark(shards: readonly number[], position: Position, entries: readonly Entry[]): Promise<void> {
    const previous = this.#position!;
    this.#position = position;
    if (shards.length === 0) return;
    this.#markedAt = performance.now();
    await this.#tell(channels.marks, encodeMark({ shards, previous, position, entries }));
  }

  /** So that nodes know that it lives. */
  async #sayIdle(): Promise<void> {
    if (!this.#isResting || performance.now() - this.#markedAt < this.#idleMs) return;
    await this.#mark(this.#ownShards(), this.#position!, []);
  }

  async #tell(channel: string, message: string): Promise<void> {
    try {
      await this.#options.pubSub.publish(channel, message);
    } catch (error) {
      // Nodes miss the mark, and read the log themselves.
      if (!(error instanceof PubSubUnavailable)) throw error;
    }
  }

  #ownShards(): readonly number[] {
    return allShards.filter((index) => this.#options.ownership.owns(relayWork.name, index));
  }
}
