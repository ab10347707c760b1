import { setTimeout as sleep } from 'node:timers/promises';
import { backOff, type BackOff } from './back-off.ts';
import { isUnavailable } from './projection-errors.ts';

/** How often a failing event is tried again before its projection is parked, and after what waits. */
export interface RetryPolicy {
  readonly retries: number;
  readonly backOff: BackOff;
}

export const defaultRetryPolicy: RetryPolicy = { retries: 5, backOff: { firstMs: 100, mostMs: 5_000 } };

export interface PersistentRun {
  /** Runs until the work is done or the signal aborts; throws when something went wrong. */
  readonly attempt: () => Promise<void>;
  /** Something that is different once an attempt came further. */
  readonly progress: () => unknown;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  readonly onTrouble: (error: unknown, attempts: number) => void;
  /** The event keeps failing: resolves when it shall be tried again, or throws to give up. */
  readonly parked: (error: unknown, attempts: number) => Promise<void>;
}

/**
 * The one policy for live projections and rebuilds. What fails is tried again after growing waits. A store that is not
 * there is waited for as long as it takes; an event that keeps failing is never skipped.
 */
export const runPersistently = async (run: PersistentRun): Promise<void> => {
  let failures = 0;
  while (!run.signal.aborted) {
    const before = run.progress();
    try {
      return await run.attempt();
    } catch (error) {
      if (run.signal.aborted) return;
      failures = run.progress() === before ? failures + 1 : 1;
      if (failures > run.policy.retries && !isUnavailable(error)) {
        await run.parked(error, failures);
        failures = 0;
        continue;
      }
      run.onTrouble(error, failures);
    }
    await pause(backOff(run.policy.backOff, failures), run.signal);
  }
};

/** Resolves after the time, or at once when the signal aborts. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};
