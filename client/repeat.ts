import { BackOff } from './back-off.ts';
import { isWorthRepeating, retryAfterOf } from './errors.ts';
import type { Platform } from './platform.ts';

export interface RepeatOptions {
  readonly platform: Pick<Platform, 'after' | 'random'>;
  readonly signal: AbortSignal;
  /** Aborted when there is a reason not to wait any longer: the server is known to be there again. */
  readonly soon: () => AbortSignal;
}

/** Resolves after so long, or with the signal. */
export const pause = (platform: Pick<Platform, 'after'>, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = platform.after(ms, end);
    signal.addEventListener('abort', end);
  });

/** Tries again, with back-off and as late as the server asks, what may succeed a little later. */
export const repeat = async <Result>(
  { platform, signal, soon }: RepeatOptions,
  attempt: () => Promise<Result>,
): Promise<Result> => {
  const backOff = new BackOff({ firstMs: 250, mostMs: 10_000 }, () => platform.random());
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthRepeating(error)) throw error;
      await pause(platform, backOff.next(retryAfterOf(error)), AbortSignal.any([signal, soon()]));
    }
  }
};
