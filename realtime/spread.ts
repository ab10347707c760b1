import { setTimeout as delay } from 'node:timers/promises';

export interface Spread {
  readonly overMs: number;
  /** Aborting does at once what is left. */
  readonly signal: AbortSignal;
}

/** Starts the work for each item, at even intervals that end after `overMs`. Resolves once all of it is done. */
export const spread = async <Item>(
  items: readonly Item[],
  { overMs, signal }: Spread,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  for (const [index, item] of items.entries()) {
    const waitMs = startedAt + (overMs * (index + 1)) / items.length - performance.now();
    // Only the signal ends the wait before its time, and then there is nothing more to wait for.
    if (waitMs > 0 && !signal.aborted) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    running.push(work(item));
  }
  await Promise.all(running);
};
