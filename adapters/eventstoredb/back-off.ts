import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Waits, longer after every failure in a row; a little at random, so that many do not come back at one moment. */
export const backOff = async ({ firstMs, mostMs }: BackOff, failures: number, signal: AbortSignal): Promise<void> => {
  const longest = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  // Rejects only when the signal aborts, which the caller looks at itself.
  await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
};
