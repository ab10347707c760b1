import type { Revision, Position } from './event-store.ts';

/** A state as it was at a revision. Only ever a shortcut: it can be deleted at any time. */
export interface Snapshot {
  readonly revision: Revision;
  readonly position: Position;
  /** Version of the state's shape; another one is not read. */
  readonly version: number;
  /** A JSON value without anything that a person wrote. */
  readonly state: unknown;
}

export interface SnapshotStore extends AsyncDisposable {
  load(stream: string): Promise<Snapshot | undefined>;
  /** Keeps the snapshot of the higher revision. */
  save(stream: string, snapshot: Snapshot): Promise<void>;
  drop(stream: string): Promise<void>;
}
