import type { DomainEvent } from '../domain/catalog.ts';
import type { Decider, Message } from '../domain/decider.ts';
import type { Timestamp } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';

/** How a state becomes a JSON value and back. What `restore` gives decides as the state that was captured. */
export interface SnapshotCodec<State> {
  /** Raised with every change of the shape; a snapshot of another version is passed over. */
  readonly version: number;
  readonly capture: (state: State) => unknown;
  readonly restore: (captured: unknown) => State;
}

/** All that the write side needs to know of one kind of stream. */
export interface Aggregate<State, Command extends Message, Event extends DomainEvent, Fact> {
  readonly decider: Decider<State, Command, Event, Fact>;
  /** `at` of the last event; undefined before the first. */
  readonly lastAt: (state: State) => Timestamp | undefined;
  /** Without it the state is always folded from the whole stream. */
  readonly snapshots?: SnapshotCodec<State>;
  /** Looks up what `RecallNeeded` asks for, as it is at `position` of the log or later. */
  readonly recall?: (stream: string, keys: readonly string[], position: Position) => Promise<readonly Fact[]>;
}
