import { setImmediate as nextTurn } from 'node:timers/promises';
import { DelayedError, Worker, type Job as BullJob } from 'bullmq';
import { waitMs } from '../back-off.ts';
import type { JobHandler, JobSettings } from '../../ports/jobs.ts';
import { connectionTo } from './connection.ts';
import { failingJobs } from './failing-jobs.ts';
import { jobKey, toJob, withoutFailures, type JobData } from './job-data.ts';

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
    await this.#connecting();
    await this.#worker.close();
  }

  /** A connection that pauses between two attempts never says that it has ended, which BullMQ would wait for. */
  async #connecting(): Promise<void> {
    // Before the first connection there is none to be paused.
    const connected = Promise.resolve(this.#worker.getBackend().blockingClient).catch(() => undefined);
    const client = await Promise.race([connected, nextTurn(undefined)]);
    if (client?.status !== 'reconnecting') return;
    await new Promise<void>((resolve) => {
      client.once('connecting', resolve);
    });
  }

  async #perform(job: BullJob<JobData>, token: string | undefined): Promise<void> {
    const { handlers, settings } = this.#options;
    const { everyMs, failures = 0 } = job.data;
    let againInMs: number;
    try {
      const handler = handlers[job.name];
      if (handler === undefined) throw new TypeError(`No worker knows jobs of kind ${job.name}`);
      const outcome = await handler(toJob(job));
      if (failures > 0) await this.#failing.remove(keyOf(job));
      if (everyMs === undefined || outcome === 'done') return;
      againInMs = outcome?.againInMs ?? everyMs;
      if (failures > 0) await job.updateData(withoutFailures(job.data));
    } catch (error) {
      settings.onTrouble(error, toJob(job));
      await this.#noteFailure(job, error);
      // What BullMQ keeps of an error is its message: that may be anything.
      if (everyMs === undefined) throw new FailedJob(error);
      againInMs = waitMs(settings.backOff, failures + 1);
    }
    await job.moveToDelayed(Date.now() + againInMs, token);
    throw new DelayedError();
  }

  async #noteFailure(job: BullJob<JobData>, error: unknown): Promise<void> {
    const { failures = 0, failingSince = Date.now() } = job.data;
    await job.updateData({ ...job.data, failures: failures + 1, error: nameOf(error), failingSince });
    const isLast = job.data.everyMs === undefined && job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isLast) await this.#failing.remove(keyOf(job));
    else await this.#failing.add(keyOf(job), failingSince);
  }

  get #failing() {
    return failingJobs(this.#worker.getBackend());
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

const keyOf = ({ name, data }: BullJob<JobData>): string => jobKey(name, data.id);

/** Carries the class of an error to where parked jobs are listed, and nothing else. */
class FailedJob extends Error {
  override readonly name = 'FailedJob';
  constructor(cause: unknown) {
    super(nameOf(cause));
    delete this.stack;
  }
}
