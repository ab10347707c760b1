import { randomUUID } from 'node:crypto';
import { waitMs } from '../back-off.ts';
import type { JobHandler, JobOutcome, JobSettings } from '../../ports/jobs.ts';
import type { Bell } from './bell.ts';
import type { JobRows, TakenJob } from './job-rows.ts';

export interface JobWorkerOptions {
  readonly rows: JobRows;
  readonly settings: JobSettings;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Rings when a job is added or done. */
  readonly bell: Bell;
}

/** Other processes that add jobs to the file ring no bell here. */
const longestSleepMs = 1_000;

/** Runs the jobs of one file until disposed of, which waits for those that have begun. */
export class JobWorker implements AsyncDisposable {
  readonly #options: JobWorkerOptions;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #loop: Promise<void>;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    const { bell, settings } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { rings } = bell;
      let sleepMs = longestSleepMs;
      try {
        sleepMs = this.#takeAll();
      } catch (error) {
        settings.onTrouble(error, undefined);
      }
      await sleep(sleepMs, bell, rings, signal);
    }
  }

  /** Begins as many as are due and may run at once; how long there is nothing to do then. */
  #takeAll(): number {
    const { rows, settings } = this.#options;
    while (this.#running.size < settings.concurrency) {
      const now = Date.now();
      const taken = rows.take(now, randomUUID(), now + settings.leaseMs);
      if (taken === undefined) return Math.min(longestSleepMs, Math.max(0, (rows.next() ?? Infinity) - now));
      this.#begin(taken);
    }
    return longestSleepMs;
  }

  #begin(taken: TakenJob): void {
    const run = this.#perform(taken).finally(() => {
      this.#running.delete(run);
      this.#options.bell.ring();
    });
    this.#running.add(run);
  }

  async #perform(taken: TakenJob): Promise<void> {
    const { rows, settings, handlers } = this.#options;
    const { leaseMs, onTrouble } = settings;
    const { job } = taken;
    const keepAlive = setInterval(() => {
      try {
        rows.renew(taken, Date.now() + leaseMs);
      } catch (error) {
        onTrouble(error, job);
      }
    }, leaseMs / 3);
    try {
      const handler = handlers[job.kind];
      if (handler === undefined) throw new TypeError(`No worker knows jobs of kind ${job.kind}`);
      this.#succeeded(taken, await handler(job));
    } catch (error) {
      onTrouble(error, job);
      this.#failed(taken, error);
    } finally {
      clearInterval(keepAlive);
    }
  }

  #succeeded(taken: TakenJob, outcome: JobOutcome | void): void {
    const { rows } = this.#options;
    const { everyMs } = taken;
    if (everyMs === null || outcome === 'done') return rows.remove(taken);
    rows.putBack(taken, Date.now() + (outcome?.againInMs ?? everyMs));
  }

  #failed(taken: TakenJob, error: unknown): void {
    const { rows, settings } = this.#options;
    const { attempts, backOff, onTrouble } = settings;
    const failures = taken.failures + 1;
    try {
      const now = Date.now();
      const isOver = taken.everyMs === null && failures >= attempts;
      const runAt = isOver ? undefined : now + waitMs(backOff, failures);
      rows.fail(taken, { failures, error: nameOf(error) }, now, runAt);
    } catch (trouble) {
      // The lease will be over, and the job taken again.
      onTrouble(trouble, taken.job);
    }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

const sleep = async (ms: number, bell: Bell, rings: number, signal: AbortSignal): Promise<void> => {
  const awake = new AbortController();
  const timer = setTimeout(() => awake.abort(), ms);
  await bell.after(rings, AbortSignal.any([signal, awake.signal]));
  clearTimeout(timer);
};
