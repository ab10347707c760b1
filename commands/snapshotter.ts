import type { DomainEvent } from '../domain/catalog.ts';
import type { Message } from '../domain/decider.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { CommittedStream, SnapshotFailed } from './committed-stream.ts';
import type { LaneLimits } from './lane-limits.ts';
import type { SnapshotCodec } from './aggregate.ts';

export interface SnapshotterOptions<State> {
  readonly aggregate: { readonly snapshots?: SnapshotCodec<State> };
  readonly snapshots: SnapshotStore;
  readonly limits: LaneLimits;
  readonly onSnapshotFailed: SnapshotFailed;
}

/** Saves snapshots beside the work of the lanes. A failed one is tried again when as many events have come again. */
export class Snapshotter<State> implements AsyncDisposable {
  readonly #options: SnapshotterOptions<State>;
  readonly #saving = new Set<Promise<void>>();

  constructor(options: SnapshotterOptions<State>) {
    this.#options = options;
  }

  /** Starts to save a snapshot when the last one is old enough. */
  consider<Command extends Message, Event extends DomainEvent, Fact>(
    stream: CommittedStream<State, Command, Event, Fact>,
  ): void {
    const { aggregate, limits } = this.#options;
    if (aggregate.snapshots === undefined || !stream.exists) return;
    if (stream.committed.revision - stream.snapshotRevision < limits.snapshotEvery) return;
    stream.snapshotRevision = stream.committed.revision;
    const saving = this.#save(stream, aggregate.snapshots).finally(() => this.#saving.delete(saving));
    this.#saving.add(saving);
  }

  async #save<Command extends Message, Event extends DomainEvent, Fact>(
    { name, committed: { state, revision, position } }: CommittedStream<State, Command, Event, Fact>,
    { version, capture }: SnapshotCodec<State>,
  ): Promise<void> {
    const { snapshots, onSnapshotFailed } = this.#options;
    try {
      await snapshots.save(name, { revision, position, version, state: capture(state) });
    } catch (error) {
      onSnapshotFailed(error, name);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#saving);
  }
}
