import { setTimeout as pause } from 'node:timers/promises';
import { Refused } from './rest.ts';
import { ConnectionLost } from './socket.ts';

/** After these the client would only be refused again. */
export const finalCloseCodes = new Set([1002, 1007, 1009, 4400, 4401, 4403, 4413]);
const unanswered = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET']);

/** The request may or may not have taken effect; repeating it is safe and may succeed. */
export const isWorthRepeating = (error: unknown): boolean => {
  if (error instanceof ConnectionLost) return !finalCloseCodes.has(error.code);
  if (error instanceof Refused) return [429, 503].includes(error.problem.status);
  if (!(error instanceof Error)) return false;
  return unanswered.has(String((error as NodeJS.ErrnoException).code)) || error.message === 'socket hang up';
};

/** Repeats, with back-off and jitter, until there is an answer that is final. */
export const persist = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthRepeating(error)) throw error;
      const least = error instanceof Refused ? error.retryAfterMs : 0;
      const backOff = Math.min(1000, 20 * 2 ** Math.min(tries, 6));
      await pause(Math.max(least, backOff) * (0.5 + Math.random()));
    }
  }
};
