import { LRUCache } from 'lru-cache';
import type { Catalog, DomainEvent } from '../domain/catalog.ts';
import type { Message } from '../domain/decider.ts';
import { DomainError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { Aggregate } from './aggregate.ts';
import { BatchWriter } from './batch-writer.ts';
import type { Envelope, Outcome } from './command-bus.ts';
import { CommittedStream, type SnapshotFailed } from './committed-stream.ts';
import { Lane } from './lane.ts';
import type { LaneLimits } from './lane-limits.ts';
import { Snapshotter } from './snapshotter.ts';

export interface LanesOptions<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly aggregate: Aggregate<State, Command, Event, Fact>;
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly limits: LaneLimits;
  readonly onSnapshotFailed: SnapshotFailed;
}

/** The lanes of one kind of stream. A busy one stays; of the idle ones the least recently used are dropped. */
export class Lanes<State, Command extends Message, Event extends DomainEvent, Fact> implements AsyncDisposable {
  readonly #options: LanesOptions<State, Command, Event, Fact>;
  readonly #snapshotter: Snapshotter<State>;
  readonly #busy = new Map<string, Lane<State, Command, Event, Fact>>();
  readonly #idle: LRUCache<string, Lane<State, Command, Event, Fact>>;
  readonly #allIdle = Promise.withResolvers<void>();
  #closed = false;

  constructor(options: LanesOptions<State, Command, Event, Fact>) {
    this.#options = options;
    this.#snapshotter = new Snapshotter(options);
    this.#idle = new LRUCache({ max: options.limits.idleLanes });
  }

  async submit(stream: string, envelope: Envelope<Command>): Promise<Outcome<Event>> {
    return await this.#lane(stream).submit(envelope);
  }

  async read(stream: string): Promise<State> {
    return await this.#lane(stream).read();
  }

  /** Refuses what comes from now on, and waits for all that was taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    if (this.#busy.size > 0) await this.#allIdle.promise;
    await this.#snapshotter[Symbol.asyncDispose]();
  }

  #lane(name: string): Lane<State, Command, Event, Fact> {
    if (this.#closed) throw new DomainError('server/unavailable');
    const lane = this.#busy.get(name) ?? this.#idle.get(name) ?? this.#open(name);
    this.#idle.delete(name);
    this.#busy.set(name, lane);
    return lane;
  }

  #open(name: string): Lane<State, Command, Event, Fact> {
    const { aggregate, limits } = this.#options;
    const stream = new CommittedStream({ ...this.#options, stream: name });
    const writer = new BatchWriter({ ...this.#options, stream });
    const lane: Lane<State, Command, Event, Fact> = new Lane({
      stream,
      writer,
      aggregate,
      limits,
      onWritten: () => this.#snapshotter.consider(stream),
      onIdle: () => {
        this.#busy.delete(name);
        // A stream that does not exist costs nothing to look up again, and must not push out one that does.
        if (stream.exists) this.#idle.set(name, lane);
        if (this.#closed && this.#busy.size === 0) this.#allIdle.resolve();
      },
    });
    return lane;
  }
}
