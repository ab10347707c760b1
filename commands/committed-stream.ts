import type { Catalog, DomainEvent } from '../domain/catalog.ts';
import type { Message } from '../domain/decider.ts';
import { beforeLog, noStream, type EventStore, type Position, type RecordedEvent } from '../ports/event-store.ts';
import type { Revision } from '../ports/event-store.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { Aggregate } from './aggregate.ts';

/** A stream up to one of its events. */
export interface Committed<State> {
  readonly state: State;
  readonly revision: Revision;
  readonly position: Position;
}

export interface CommittedStreamOptions<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly stream: string;
  readonly aggregate: Aggregate<State, Command, Event, Fact>;
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly catalog: Catalog;
  /** Told when a snapshot could not be used; the state is folded from the whole stream then. */
  readonly onSnapshotFailed: SnapshotFailed;
}

export type SnapshotFailed = (error: unknown, stream: string) => void;

/** What this process knows of one stream. It may lag behind what others appended; it is never wrong about the past. */
export class CommittedStream<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly #options: CommittedStreamOptions<State, Command, Event, Fact>;
  #committed: Committed<State> | undefined;
  /** Revision of the newest snapshot there is; -1 without one. */
  snapshotRevision: Revision = noStream;
  /** Counts the readings that brought news which this process had not written itself. */
  readings = 0;

  constructor(options: CommittedStreamOptions<State, Command, Event, Fact>) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.stream;
  }

  /** Only after `load`. */
  get committed(): Committed<State> {
    if (this.#committed === undefined) throw new Error(`${this.name} was not loaded`);
    return this.#committed;
  }

  get exists(): boolean {
    return this.#committed !== undefined && this.#committed.revision !== noStream;
  }

  /** Reads snapshot and tail, unless the state is here already. */
  async load(): Promise<void> {
    if (this.#committed !== undefined) return;
    this.#committed = await this.#replay(await this.#loadSnapshot());
  }

  /** Events that follow the committed state; they are not taken over yet. */
  async tail(): Promise<readonly RecordedEvent[]> {
    return await Array.fromAsync(this.#options.events.readStream(this.name, { after: this.committed.revision }));
  }

  /** Takes over what `tail` gave. */
  adopt(tail: readonly RecordedEvent[]): void {
    if (tail.length === 0) return;
    this.#committed = tail.reduce((committed, recorded) => this.#evolve(committed, recorded), this.committed);
    this.readings += 1;
  }

  /** The state after an append of this process. */
  advance(committed: Committed<State>): void {
    this.#committed = committed;
  }

  recall(facts: readonly Fact[]): void {
    const state = this.#options.aggregate.decider.recall?.(this.committed.state, facts) ?? this.committed.state;
    this.#committed = { ...this.committed, state };
  }

  #evolve(committed: Committed<State>, recorded: RecordedEvent): Committed<State> {
    const { aggregate, catalog } = this.#options;
    const state = aggregate.decider.evolve(committed.state, catalog.decode(recorded) as Event);
    return { state, revision: recorded.revision, position: recorded.position };
  }

  async #replay(from?: Committed<State>): Promise<Committed<State>> {
    const { aggregate, events } = this.#options;
    let committed = from ?? { state: aggregate.decider.initialState, revision: noStream, position: beforeLog };
    for await (const recorded of events.readStream(this.name, { after: committed.revision })) {
      committed = this.#evolve(committed, recorded);
    }
    return committed;
  }

  /** A snapshot is only a shortcut: whatever is wrong with it, the stream itself gives the state. */
  async #loadSnapshot(): Promise<Committed<State> | undefined> {
    try {
      return await this.#snapshot();
    } catch (error) {
      this.#options.onSnapshotFailed(error, this.name);
      return undefined;
    }
  }

  /** A snapshot is believed only where the log still has the event it was taken at, in its place. */
  async #snapshot(): Promise<Committed<State> | undefined> {
    const { aggregate, snapshots, events } = this.#options;
    if (aggregate.snapshots === undefined) return undefined;
    const snapshot = await snapshots.load(this.name);
    if (snapshot === undefined || snapshot.version !== aggregate.snapshots.version) return undefined;
    const { revision, position } = snapshot;
    for await (const recorded of events.readStream(this.name, { after: revision - 1 })) {
      if (recorded.revision !== revision || recorded.position !== position) break;
      const state = aggregate.snapshots.restore(snapshot.state);
      this.snapshotRevision = revision;
      return { state, revision, position };
    }
    await snapshots.drop(this.name);
    return undefined;
  }
}
