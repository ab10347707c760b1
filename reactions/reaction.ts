import type { LoggedEvent } from '../projections/projection.ts';

/** What the system does because something happened. */
export interface Reaction {
  /** Of its checkpoint: once in use it never changes. */
  readonly name: string;
  /** Whether the event is one to react to. */
  readonly concerns: (logged: LoggedEvent) => boolean;
  /** May come again for the same event, after a crash: what was done before must have no further effect. */
  readonly react: (logged: LoggedEvent) => Promise<void>;
}
