import type { DomainEvent } from '../domain/catalog.ts';
import type { Message } from '../domain/decider.ts';
import { DomainError } from '../domain/errors.ts';
import { DocumentStoreUnavailable } from '../ports/document-store.ts';
import { EventStoreUnavailable } from '../ports/event-store.ts';
import type { Aggregate } from './aggregate.ts';
import type { BatchWriter } from './batch-writer.ts';
import type { Envelope, Outcome } from './command-bus.ts';
import type { CommittedStream } from './committed-stream.ts';
import type { Verdict } from './decide-batch.ts';
import type { LaneLimits } from './lane-limits.ts';

/** What a command waits to see in the state; `readings` tells what the stream knew when it was looked up. */
interface Recalled<Fact> {
  readonly keys: readonly string[];
  readonly facts: readonly Fact[];
  readonly readings: number;
}

interface Pending<Command, Event, Fact> {
  readonly envelope: Envelope<Command>;
  readonly resolve: (outcome: Outcome<Event>) => void;
  readonly reject: (error: unknown) => void;
  readonly recalled: Recalled<Fact> | undefined;
  /** How often something was recalled for it. */
  readonly recalls: number;
}

interface Reading<State> {
  readonly resolve: (state: State) => void;
  readonly reject: (error: unknown) => void;
}

export interface LaneOptions<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly stream: CommittedStream<State, Command, Event, Fact>;
  readonly writer: BatchWriter<State, Command, Event, Fact>;
  readonly aggregate: Aggregate<State, Command, Event, Fact>;
  readonly limits: LaneLimits;
  /** Called after every batch. */
  readonly onWritten: () => void;
  /** Called when nothing is left to do. */
  readonly onIdle: () => void;
}

/** What the caller learns: whatever a store's failure is, to him it is one refusal. */
const toRefusal = (error: unknown): unknown =>
  error instanceof EventStoreUnavailable || error instanceof DocumentStoreUnavailable
    ? new DomainError('server/unavailable')
    : error;

/** One per stream. Whatever queues while an append is in flight is decided together and rides the next one. */
export class Lane<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly #options: LaneOptions<State, Command, Event, Fact>;
  #queue: Pending<Command, Event, Fact>[] = [];
  #readings: Reading<State>[] = [];
  /** Commands that wait for a recall. */
  #aside = 0;
  #draining = false;

  constructor(options: LaneOptions<State, Command, Event, Fact>) {
    this.#options = options;
  }

  submit(envelope: Envelope<Command>): Promise<Outcome<Event>> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome<Event>>();
    if (this.#queue.length + this.#aside >= this.#options.limits.queue) throw new DomainError('server/unavailable');
    this.#queue.push({ envelope, resolve, reject, recalled: undefined, recalls: 0 });
    this.#wake();
    return promise;
  }

  /** The state as the next command would find it. */
  read(): Promise<State> {
    const { promise, resolve, reject } = Promise.withResolvers<State>();
    if (this.#readings.length >= this.#options.limits.queue) throw new DomainError('server/unavailable');
    this.#readings.push({ resolve, reject });
    this.#wake();
    return promise;
  }

  /** In a microtask, so that commands submitted one after another are decided together. */
  #wake(): void {
    if (this.#draining) return;
    this.#draining = true;
    queueMicrotask(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    const { limits, onIdle } = this.#options;
    while (this.#queue.length > 0 || this.#readings.length > 0) {
      const batch = this.#queue.splice(0, limits.batch);
      const readings = this.#readings.splice(0);
      if (batch.length > 0) await this.#write(batch);
      if (readings.length > 0) await this.#answer(readings);
    }
    this.#draining = false;
    if (this.#aside === 0) onIdle();
  }

  async #write(batch: readonly Pending<Command, Event, Fact>[]): Promise<void> {
    const { writer, onWritten } = this.#options;
    try {
      await writer.ready();
      const ready = batch.filter((pending) => this.#remember(pending));
      const verdicts = await writer.write(ready.map(({ envelope }) => envelope));
      // What did not fit is the first of the next batch.
      this.#queue.unshift(...ready.slice(verdicts.length));
      for (const [i, verdict] of verdicts.entries()) this.#settle(ready[i]!, verdict);
    } catch (error) {
      for (const { reject } of batch) reject(toRefusal(error));
    }
    onWritten();
  }

  /** Puts what was recalled into the state; false when it has to be looked up again. */
  #remember(pending: Pending<Command, Event, Fact>): boolean {
    const { stream } = this.#options;
    const { recalled } = pending;
    if (recalled === undefined) return true;
    // What others appended meanwhile may concern the very thing, and the state would not have taken note of it.
    if (recalled.readings !== stream.readings) {
      void this.#recall(pending, recalled.keys);
      return false;
    }
    stream.recall(recalled.facts);
    return true;
  }

  #settle(pending: Pending<Command, Event, Fact>, verdict: Verdict<Event>): void {
    switch (verdict.kind) {
      case 'decided': {
        const { events, revision } = verdict;
        pending.resolve({ events, revision, position: this.#options.stream.committed.position });
        return;
      }
      case 'refused':
        pending.reject(verdict.error);
        return;
      case 'recall':
        void this.#recall(pending, verdict.keys);
    }
  }

  /** Sets one command aside until what it asked for is known; then it is the first in the queue. */
  async #recall(pending: Pending<Command, Event, Fact>, keys: readonly string[]): Promise<void> {
    this.#aside += 1;
    try {
      const { stream, aggregate, limits } = this.#options;
      if (aggregate.recall === undefined) throw new Error(`Nothing can be recalled for ${stream.name}`);
      if (pending.recalls === limits.recalls) throw new DomainError('server/unavailable');
      const { readings } = stream;
      const facts = await aggregate.recall(stream.name, keys, stream.committed.position);
      this.#queue.unshift({ ...pending, recalled: { keys, facts, readings }, recalls: pending.recalls + 1 });
    } catch (error) {
      pending.reject(toRefusal(error));
    }
    this.#aside -= 1;
    this.#wake();
  }

  async #answer(readings: readonly Reading<State>[]): Promise<void> {
    const { writer, stream } = this.#options;
    try {
      await writer.ready();
      await writer.isCurrent();
      for (const { resolve } of readings) resolve(stream.committed.state);
    } catch (error) {
      for (const { reject } of readings) reject(toRefusal(error));
    }
  }
}
