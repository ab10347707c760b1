import type { Problem } from '../schemas/common.ts';

/** The server said no. Nothing was changed, unless `isWorthRepeating`: then the outcome is unknown. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  readonly retryAfterMs: number;
  constructor(problem: Problem, retryAfterMs = 0) {
    super(`${problem.code}: ${problem.detail ?? problem.title}`);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came: whether the request took effect is unknown. Repeating it with the same ids is safe. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** There is no session (any more): somebody has to sign in. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';
  constructor() {
    super('Nobody is signed in on this device');
  }
}

/** The client was closed before it was done. */
export class Closed extends Error {
  override readonly name = 'Closed';
  constructor() {
    super('The client was closed');
  }
}

/** Whether the same request may succeed a little later. */
export const isWorthRepeating = (error: unknown): boolean => {
  if (error instanceof Unanswered) return true;
  return error instanceof Refused && (error.problem.status === 429 || error.problem.status >= 500);
};

/** Whether the user is no longer in what he asked about; a push tells the same, before or after. */
export const isGone = (error: unknown): boolean =>
  error instanceof Refused && [403, 404].includes(error.problem.status);

/** How long the server wants to be left alone after this error. */
export const retryAfterOf = (error: unknown): number => (error instanceof Refused ? error.retryAfterMs : 0);
