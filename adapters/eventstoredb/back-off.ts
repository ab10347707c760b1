import { setTimeout as sleep } from 'node:timers/promises';
import { waitMs, type BackOff } from '../back-off.ts';

/** Waits, longer after every failure in a row; a little at random, so that many do not come back at one moment. */
export const backOff = async (limits: BackOff, failures: number, signal: AbortSignal): Promise<void> => {
  const longest = waitMs(limits, failures);
  // Rejects only when the signal aborts, which the caller looks at itself.
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
};
