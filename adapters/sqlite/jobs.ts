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
import { Bell } from './bell.ts';
import { isDatabaseError } from './database.ts';
import { JobRows } from './job-rows.ts';
import { JobWorker } from './job-worker.ts';

const wellFormed = /^[A-Za-z0-9_.-]{1,200}$/;

/** Jobs in one SQLite file; several processes may work on it. */
export class SqliteJobs implements Jobs {
  readonly #rows: JobRows;
  readonly #settings: JobSettings;
  readonly #bell = new Bell();
  readonly #workers = new Set<JobWorker>();

  constructor(path: string, settings: Partial<JobSettings> = {}) {
    this.#rows = new JobRows(path);
    this.#settings = { ...defaultJobSettings, ...settings };
  }

  async enqueue(job: NewJob): Promise<void> {
    if (![job.kind, job.id].every((name) => wellFormed.test(name))) throw new TypeError('Not the name of a job');
    this.#attempt(() => this.#rows.add(job, Date.now()));
    this.#bell.ring();
  }

  async has(kind: string, id: string): Promise<boolean> {
    return this.#attempt(() => this.#rows.has(kind, id));
  }

  work(handlers: Readonly<Record<string, JobHandler>>): AsyncDisposable {
    const worker = new JobWorker({ rows: this.#rows, settings: this.#settings, handlers, bell: this.#bell });
    this.#workers.add(worker);
    return worker;
  }

  async parked(limit: number): Promise<readonly FailedJob[]> {
    return this.#attempt(() => this.#rows.parked(limit));
  }

  async failing(limit: number): Promise<readonly FailedJob[]> {
    return this.#attempt(() => this.#rows.failing(limit));
  }

  async resume(kind: string, id: string): Promise<boolean> {
    const resumed = this.#attempt(() => this.#rows.resume(kind, id, Date.now()));
    this.#bell.ring();
    return resumed;
  }

  async counts(): Promise<JobCounts> {
    return this.#attempt(() => this.#rows.counts());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker[Symbol.asyncDispose]()));
    this.#rows.close();
  }

  #attempt<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw isDatabaseError(error) ? new JobsUnavailable('The jobs cannot be reached', { cause: error }) : error;
    }
  }
}
