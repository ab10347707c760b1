import { DelayedError, Worker, type Job as BullJob } from 'bullmq';
import { waitMs } from '../back-off.ts';
import type { JobHandler, JobSettings } from '../../ports/jobs.ts';
import { connectionTo } from './connection.ts';
import { toJob, type JobData } from './job-data.ts';

export interface JobWorkerOptions {
  readonly url: string;
  readonly prefix: string;
  readonly queue: string;
  readonly settings: JobSettings;
  readonly handlers: Readonly<Record<string, JobHandler>>;
}

/** Runs jobs of the queue until disposed of, which waits for those that have begun. */
export class JobWorker implements AsyncDisposable {
  readonly #options: JobWorkerOptions;
  readonly #closing = new AbortController();
  readonly #worker: Worker<JobData>;

  constructor(options: JobWorkerOptions) {
    const { url, prefix, queue, settings } = options;
    this.#options = options;
    this.#worker = new Worker<JobData>(queue, (job, token) => this.#perform(job, token), {
      connection: connectionTo(url, this.#closing.signal),
      prefix,
      concurrency: settings.concurrency,
      lockDuration: settings.leaseMs,
      stalledInterval: settings.leaseMs / 2,
      // A job outlives any number of workers; the default would fail it at the second one.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      settings: { backoffStrategy: (failures) => waitMs(settings.backOff, failures) },
    });
    this.#worker.on('error', (error) => settings.onTrouble(error, undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#worker.close();
  }

  async #perform(job: BullJob<JobData>, token: string | undefined): Promise<void> {
    const { handlers, settings } = this.#options;
    const { everyMs, failures = 0 } = job.data;
    let againInMs: number;
    try {
      const handler = handlers[job.name];
      if (handler === undefined) throw new TypeError(`No worker knows jobs of kind ${job.name}`);
      const outcome = await handler(toJob(job));
      if (everyMs === undefined || outcome === 'done') return;
      againInMs = outcome?.againInMs ?? everyMs;
      if (failures > 0) await job.updateData({ ...job.data, failures: 0 });
    } catch (error) {
      settings.onTrouble(error, toJob(job));
      // What BullMQ keeps of an error is its message: that may be anything.
      if (everyMs === undefined) throw new FailedJob(error);
      againInMs = waitMs(settings.backOff, failures + 1);
      await job.updateData({ ...job.data, failures: failures + 1 });
    }
    await job.moveToDelayed(Date.now() + againInMs, token);
    throw new DelayedError();
  }
}

/** Carries the class of an error to where parked jobs are listed, and nothing else. */
class FailedJob extends Error {
  override readonly name = 'FailedJob';
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.name : typeof cause);
    delete this.stack;
  }
}
