import type { Position } from '../ports/event-store.ts';
import type { LoggedEvent } from './projection.ts';

export type LogBatch =
  | { readonly kind: 'events'; readonly events: readonly LoggedEvent[] }
  | { readonly kind: 'caught-up'; readonly position: Position };

/** The log, decoded once for all who follow it: projectors, reactions and the realtime fan-out. */
export interface LogTail extends AsyncDisposable {
  /**
   * Events after `after`, oldest first, then live; never a gap, never a repeat. Throws `UndecodableEvent` at the
   * event that cannot be decoded, after everything before it. Ends without an error when the signal aborts.
   */
  follow(after: Position, signal: AbortSignal): AsyncIterable<LogBatch>;
  /** Position of the newest event seen so far. */
  head(): Position;
}
