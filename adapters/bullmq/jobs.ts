import { Queue } from 'bullmq';
import {
  defaultJobSettings,
  JobsUnavailable,
  type JobCounts,
  type JobHandler,
  type Jobs,
  type JobSettings,
  type FailedJob,
  type NewJob,
} from '../../ports/jobs.ts';
import { connectionTo } from './connection.ts';
import { failingJobs } from './failing-jobs.ts';
import { jobKey, toFailedJob, withoutFailures, type JobData } from './job-data.ts';
import { JobWorker } from './job-worker.ts';

export interface BullMqJobsOptions extends Partial<JobSettings> {
  readonly url: string;
  /** Begins every key; with braces round it, so that all of them are in one slot of a cluster. */
  readonly prefix?: string;
  /** A question fails when there is no answer after this long. */
  readonly answerMs?: number;
}

const queueName = 'jobs';

/** Jobs in Redis. A flush, or a loss of power, can take all of them or the last ones. */
export class BullMqJobs implements Jobs {
  readonly #options: { readonly url: string; readonly prefix: string; readonly answerMs: number };
  readonly #settings: JobSettings;
  readonly #workers = new Set<JobWorker>();
  readonly #closing = new AbortController();
  #opened: Queue<JobData> | undefined;

  constructor({ url, prefix = '{parley}', answerMs = 2_000, ...settings }: BullMqJobsOptions) {
    this.#options = { url, prefix, answerMs };
    this.#settings = { ...defaultJobSettings, ...settings };
  }

  async enqueue({ kind, id, data, delayMs, everyMs }: NewJob): Promise<void> {
    const jobId = jobKey(kind, id);
    await this.#ask((queue) =>
      queue.add(
        kind,
        { id, data: data ?? null, ...(everyMs !== undefined && { everyMs }) },
        {
          jobId,
          delay: delayMs ?? 0,
          // A repeated one is never parked, whatever goes wrong around its runs.
          attempts: everyMs === undefined ? this.#settings.attempts : Number.MAX_SAFE_INTEGER,
          backoff: { type: 'custom' },
          // A finished job that is kept would swallow the next one of its id.
          removeOnComplete: true,
        },
      ),
    );
  }

  async has(kind: string, id: string): Promise<boolean> {
    const key = jobKey(kind, id);
    return (await this.#ask((queue) => queue.getJob(key))) !== undefined;
  }

  work(handlers: Readonly<Record<string, JobHandler>>): AsyncDisposable {
    const { url, prefix } = this.#options;
    const worker = new JobWorker({ url, prefix, queue: queueName, settings: this.#settings, handlers });
    this.#workers.add(worker);
    return worker;
  }

  async parked(limit: number): Promise<readonly FailedJob[]> {
    const parked = await this.#ask((queue) => queue.getJobs('failed', 0, limit - 1, true));
    return parked.map(toFailedJob);
  }

  async failing(limit: number): Promise<readonly FailedJob[]> {
    const found = await this.#ask(async (queue) => {
      const keys = await failingJobs(queue.getBackend()).first(limit);
      return await Promise.all(keys.map((key) => queue.getJob(key)));
    });
    // One that has ended in between is not there any more.
    return found.filter((job) => job?.data.failingSince !== undefined).map((job) => toFailedJob(job!));
  }

  async resume(kind: string, id: string): Promise<boolean> {
    const key = jobKey(kind, id);
    return await this.#ask(async (queue) => {
      const job = await queue.getJob(key);
      if (job === undefined || !(await job.isFailed())) return false;
      await job.updateData(withoutFailures(job.data));
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    });
  }

  async counts(): Promise<JobCounts> {
    const [counts, failing] = await this.#ask((queue) =>
      Promise.all([queue.getJobCounts('wait', 'delayed', 'active', 'failed'), failingJobs(queue.getBackend()).count()]),
    );
    const { wait = 0, delayed = 0, active = 0, failed = 0 } = counts;
    return { waiting: wait + delayed, running: active, failing, parked: failed };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker[Symbol.asyncDispose]()));
    this.#closing.abort();
    await this.#opened?.close();
  }

  get #queue(): Queue<JobData> {
    if (this.#opened === undefined) {
      const { url, prefix } = this.#options;
      this.#opened = new Queue<JobData>(queueName, { connection: connectionTo(url, this.#closing.signal), prefix });
      this.#opened.on('error', () => {});
    }
    return this.#opened;
  }

  async #ask<Result>(question: (queue: Queue<JobData>) => Promise<Result>): Promise<Result> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('No answer in time')), this.#options.answerMs);
    try {
      const answer = question(this.#queue);
      answer.catch(() => {});
      return await Promise.race([answer, late.promise]);
    } catch (error) {
      throw new JobsUnavailable('The jobs cannot be reached', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}
