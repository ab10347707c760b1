import { setTimeout as pause } from 'node:timers/promises';
import type { Catalog, DomainEvent } from '../domain/catalog.ts';
import type { Message } from '../domain/decider.ts';
import { DomainError } from '../domain/errors.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import {
  EventStoreUnavailable,
  RevisionConflict,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '../ports/event-store.ts';
import type { Aggregate } from './aggregate.ts';
import type { Envelope } from './command-bus.ts';
import type { CommittedStream } from './committed-stream.ts';
import { decideBatch, type Draft, type Verdict } from './decide-batch.ts';
import { eventId } from './event-id.ts';
import type { LaneLimits } from './lane-limits.ts';

export interface BatchWriterOptions<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly stream: CommittedStream<State, Command, Event, Fact>;
  readonly aggregate: Aggregate<State, Command, Event, Fact>;
  readonly events: EventStore;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly limits: LaneLimits;
}

const startsWith = (tail: readonly RecordedEvent[], events: readonly NewEvent[]): boolean =>
  events.every(({ id }, i) => tail[i]?.id === id);

/** Decides batches for one stream and makes the outcome durable. One batch at a time. */
export class BatchWriter<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly #options: BatchWriterOptions<State, Command, Event, Fact>;
  /** It is not known whether the last append happened. */
  #unsure = false;

  constructor(options: BatchWriterOptions<State, Command, Event, Fact>) {
    this.#options = options;
  }

  /**
   * The verdicts hold for the stream as it stood when they were given, the refusals and repeats among them too. The
   * last commands have none when not all fit into one append: nothing was done about them. An error means that nothing
   * is known of any command of the batch.
   */
  async write(batch: readonly Envelope<Command>[]): Promise<readonly Verdict<Event>[]> {
    const { stream, aggregate, clock, limits } = this.#options;
    await this.ready();
    for (let attempt = 1; attempt <= limits.attempts; attempt += 1) {
      const { committed } = stream;
      const decided = decideBatch(aggregate, committed, batch, timestamp(clock), limits.batchBytes);
      const { verdicts, drafts, state } = decided;
      const stands = drafts.length === 0 ? await this.isCurrent() : await this.#append(drafts, state);
      if (stands) return verdicts;
      await this.#backOff(attempt);
      // Whoever was first goes on writing meanwhile: what is decided on an old state would only be refused again.
      await this.#takeTail();
    }
    throw new DomainError('server/unavailable');
  }

  /** Has the state at hand, up to the end of the stream where the outcome of an append is in doubt. */
  async ready(): Promise<void> {
    await this.#options.stream.load();
    if (this.#unsure) await this.#takeTail();
  }

  /** True when nobody has appended since; else takes over what they did. */
  async isCurrent(): Promise<boolean> {
    return (await this.#takeTail()).length === 0;
  }

  async #takeTail(): Promise<readonly RecordedEvent[]> {
    const { stream } = this.#options;
    const tail = await stream.tail();
    stream.adopt(tail);
    this.#unsure = false;
    return tail;
  }

  /** False when someone else appended first: nothing was written, and the state has what they wrote. */
  async #append(drafts: readonly Draft<Event>[], state: State): Promise<boolean> {
    const { stream, events, limits } = this.#options;
    const expected = stream.committed.revision;
    const rows = drafts.map((draft) => this.#toNewEvent(draft));
    for (let attempt = 1; attempt <= limits.attempts; attempt += 1) {
      try {
        const tail = attempt === 1 ? [] : await this.#takeTail();
        if (tail.length > 0) return startsWith(tail, rows);
        this.#unsure = true;
        stream.advance({ ...(await events.append(stream.name, rows, expected)), state });
        this.#unsure = false;
        return true;
      } catch (error) {
        const conflict = error instanceof RevisionConflict;
        if (!conflict && !(error instanceof EventStoreUnavailable)) throw error;
        if (!conflict || attempt > 1) await this.#backOff(attempt);
      }
    }
    throw new DomainError('server/unavailable');
  }

  #toNewEvent({ event: { type, data }, envelope: { commandId, actorId }, index }: Draft<Event>): NewEvent {
    const stream = this.#options.stream.name;
    const metadata = { commandId, actorId, schemaVersion: this.#options.catalog.currentVersion(type) };
    return { id: eventId({ stream, commandId, index, type, data }), type, data, metadata };
  }

  /** At random, so that two processes do not run into each other again and again. */
  async #backOff(attempt: number): Promise<void> {
    await pause(Math.random() * this.#options.limits.backOffMs * 2 ** (attempt - 1));
  }
}
