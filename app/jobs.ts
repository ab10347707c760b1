import type { Logger } from 'pino';
import type { JobHandler, Jobs } from '../ports/jobs.ts';

/** What is looked after all the time, and how. */
export interface StandingJob {
  readonly kind: string;
  readonly everyMs: number;
  readonly handler: JobHandler;
}

export interface RunJobsOptions {
  readonly jobs: Jobs;
  readonly standing: readonly StandingJob[];
  /** Handlers of jobs that others add, by kind. */
  readonly handlers: Readonly<Record<string, JobHandler>>;
  readonly observe: JobObserver;
  readonly logger: Logger;
}

/** Hears of each run: `again` where the job is to come back, as a repeated one does unless it is done for good. */
export type JobObserver = (run: { readonly kind: string; readonly outcome: 'done' | 'again' | 'failed' }) => void;

const observed =
  (kind: string, handler: JobHandler, observe: JobObserver): JobHandler =>
  async (job) => {
    try {
      const outcome = await handler(job);
      observe({ kind, outcome: outcome === 'done' ? 'done' : 'again' });
      return outcome;
    } catch (error) {
      observe({ kind, outcome: 'failed' });
      throw error;
    }
  };

const id = 'all';
/** A store that has lost every job has the standing ones again after so long, and they find the others. */
const keepMs = 1_000;

/** Runs jobs, and sees to it that the standing ones are there. Disposing it waits for what has begun. */
export const runJobs = ({ jobs, standing, handlers, observe, logger }: RunJobsOptions): AsyncDisposable => {
  const own = Object.fromEntries(standing.map(({ kind, handler }) => [kind, handler]));
  const watched = Object.entries({ ...handlers, ...own }).map(([kind, run]) => [kind, observed(kind, run, observe)]);
  const worker = jobs.work(Object.fromEntries(watched) as Record<string, JobHandler>);
  let isAway = false;
  let keeping = Promise.resolve();

  const keep = async (): Promise<void> => {
    try {
      for (const { kind, everyMs } of standing) await jobs.enqueue({ kind, id, everyMs });
      if (isAway) logger.info('Jobs are back');
      isAway = false;
    } catch (error) {
      if (!isAway) logger.warn({ error: error instanceof Error ? error.name : typeof error }, 'Jobs are away');
      isAway = true;
    }
  };
  let isKeeping = false;
  const beat = (): void => {
    if (isKeeping) return;
    isKeeping = true;
    keeping = keep().finally(() => {
      isKeeping = false;
    });
  };
  beat();
  const timer = setInterval(beat, keepMs);

  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await keeping;
      await worker[Symbol.asyncDispose]();
    },
  };
};
