import { Lease, type LeaseOptions } from './lease.ts';
import { ReactionRunner, type ReactionRunnerOptions } from './runner.ts';

/** Runs a reaction in one of the processes that could; another takes over within seconds when that one is gone. */
export const runReactionOnce = (
  options: ReactionRunnerOptions,
  timing: Pick<LeaseOptions, 'beatMs' | 'deadMs'> = {},
): Lease => {
  const { documents, log, reaction } = options;
  return new Lease({ documents, log, name: `lease:reaction:${reaction.name}`, ...timing }, async (signal) => {
    await using _ = new ReactionRunner(options);
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (!signal.aborted) await ended;
  });
};
