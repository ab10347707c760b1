import type { Position } from '../ports/event-store.ts';
import type { Lag } from './log-tail.ts';
import type { Place } from './projection.ts';
import { errorClass, ProjectionFailed } from './projection-errors.ts';
import type { RebuildProgress } from './rebuild.ts';

/** What went wrong last, without anything that a person wrote. */
export interface Trouble {
  /** Class of the error. */
  readonly error: string;
  /** The event at which it happened, where one is to blame. */
  readonly event: (Place & { readonly type: string }) | null;
  /** How often it was tried in a row. */
  readonly attempts: number;
}

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  /**
   * `catching-up`: not yet at the end of the log since it was started. `rebuilding`: the next build is being made; an
   * earlier one may be read meanwhile. `parked`: stopped at a failing event until it is resumed.
   */
  readonly state: 'running' | 'catching-up' | 'rebuilding' | 'parked';
  /** The build that reads go to; null while there is none, and every read is `read-model/behind`. */
  readonly build: string | null;
  readonly position: Position;
  readonly lag: Lag;
  /** Also while it is being tried again. */
  readonly trouble: Trouble | null;
  readonly rebuild: RebuildProgress | null;
}

export const troubleOf = (error: unknown, attempts: number): Trouble => ({
  error: errorClass(error),
  event: error instanceof ProjectionFailed ? { ...error.place, type: error.type } : null,
  attempts,
});

/** For the log: where in the program it happened, without the message. */
export const framesOf = (error: unknown): readonly string[] => {
  const cause = error instanceof ProjectionFailed ? error.cause : error;
  if (!(cause instanceof Error)) return [];
  return (cause.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*:\d+:\d+\)?$/.test(line))
    .slice(0, 10);
};
