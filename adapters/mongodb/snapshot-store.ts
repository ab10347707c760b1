import { Long, type Collection } from 'mongodb';
import type { Snapshot, SnapshotStore } from '../../ports/snapshot-store.ts';
import { Attempts } from './attempts.ts';
import type { MongoConnection } from './connection.ts';
import { replaceOlder } from './newest-wins.ts';

interface Stored {
  readonly _id: string;
  readonly revision: number;
  readonly position: bigint | Long;
  readonly version: number;
  /** As JSON: its keys may be anything, and nothing in it is searched for. */
  readonly state: string;
}

/** The snapshots cannot be read or written now; everything works without them, only slower. */
export class SnapshotsUnavailable extends Error {
  override readonly name = 'SnapshotsUnavailable';
}

/** Snapshots in one collection of a MongoDB database. At the same revision the later one stays. */
export class MongoSnapshotStore implements SnapshotStore {
  readonly #snapshots: Collection<Stored>;
  readonly #attempts: Attempts;

  constructor({ main, watch }: MongoConnection) {
    this.#snapshots = main.collection('parley:snapshots');
    this.#attempts = new Attempts(
      watch,
      (cause) => new SnapshotsUnavailable('The snapshots could not be read or written', { cause }),
    );
  }

  load(stream: string): Promise<Snapshot | undefined> {
    return this.#attempts.run(async () => {
      const found = await this.#snapshots.findOne({ _id: stream });
      if (!found) return undefined;
      const { revision, position, version, state } = found;
      return { revision, position: BigInt(position.toString()), version, state: JSON.parse(state) as unknown };
    });
  }

  async save(stream: string, { revision, position, version, state }: Snapshot): Promise<void> {
    const replacement = { revision, position: Long.fromBigInt(position), version, state: JSON.stringify(state) };
    const isOlder = { revision: { $lte: revision } };
    await this.#attempts.run(() => replaceOlder(this.#snapshots, [{ id: stream, isOlder, replacement }]));
  }

  async drop(stream: string): Promise<void> {
    await this.#attempts.run(() => this.#snapshots.deleteOne({ _id: stream }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#attempts.close();
  }
}
