import { z } from 'zod';
import { refusals, type RefusalCode } from '../domain/errors.ts';
import { Problem } from '../schemas/common.ts';
import { problemType } from './errors.ts';

type StatusOf<Code extends RefusalCode> = (typeof refusals)[Code][0];
interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof Problem } };
}

/** A 204: no body. */
export const noContent = z.undefined().describe('Done');

/**
 * The responses of a route for the refusals that are its own. Those that any route can give (400, 401, 429, 500, 503,
 * and with a body 413 and 415) are added to every one.
 */
export const problems = <Code extends RefusalCode>(
  ...codes: readonly Code[]
): { readonly [Status in StatusOf<Code>]: ProblemResponse } => {
  const byStatus = Map.groupBy(codes, (code) => refusals[code][0]);
  const responses = [...byStatus].map(([status, ofStatus]) => [
    status,
    {
      description: ofStatus.map((code) => `\`${code}\`: ${refusals[code][1]}`).join(' · '),
      content: { [problemType]: { schema: Problem } },
    },
  ]);
  return Object.fromEntries(responses) as { readonly [Status in StatusOf<Code>]: ProblemResponse };
};
