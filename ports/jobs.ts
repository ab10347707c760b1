/** Something to be done once, later or again and again. Kind and id are of letters, digits, `_`, `.` and `-`. */
export interface NewJob {
  /** Names the handler. */
  readonly kind: string;
  /** With the kind it names the job: as long as one is kept, adding it again changes nothing. */
  readonly id: string;
  /** A JSON value. Never what a person wrote. */
  readonly data?: unknown;
  /** How long to wait before the first run, in milliseconds; default: none. */
  readonly delayMs?: number;
  /** How long after a run the next one comes, in milliseconds: such a job is kept until its handler says that it is done. */
  readonly everyMs?: number;
}

export type Job = Pick<NewJob, 'kind' | 'id' | 'data'>;

/**
 * What becomes of a repeated job after a run: nothing or null: it comes again after its `everyMs`; `againInMs`: after
 * so many milliseconds; `done`: it is no longer kept. Other jobs are done after a run, whatever is returned.
 */
export type JobOutcome = undefined | null | 'done' | { readonly againInMs: number };

/** May be called again for a job that was done in part or in whole: doing it twice must be as doing it once. */
export type JobHandler = (job: Job) => Promise<JobOutcome | void>;

/** A job whose last run has failed. What it is about is not told. */
export interface FailedJob extends Pick<Job, 'kind' | 'id'> {
  /** In a row. */
  readonly failures: number;
  /** Class of the last error; never its text. */
  readonly error: string;
  /** When the first of these failures was, in milliseconds since 1970. */
  readonly since: number;
}

export interface JobCounts {
  /** Waiting for their time, or for a worker. */
  readonly waiting: number;
  readonly running: number;
  /** Of those two: whose last run has failed. */
  readonly failing: number;
  readonly parked: number;
}

/** The jobs cannot be reached; whether a job was taken is unknown, and adding it again is safe. */
export class JobsUnavailable extends Error {
  override readonly name = 'JobsUnavailable';
}

/**
 * An alarm clock: a job is run by one worker at a time, and again when that worker died. Jobs survive restarts, but
 * the store of a product may lose everything: what must happen has to be found elsewhere and added again.
 * Throws `JobsUnavailable`; what cannot be a job throws TypeError.
 */
export interface Jobs extends AsyncDisposable {
  /** Resolves once it is kept. */
  enqueue(job: NewJob): Promise<void>;
  /** Whether a job is kept, waiting, running or parked. */
  has(kind: string, id: string): Promise<boolean>;
  /**
   * Runs jobs, several at once, those due first before others. A failing job is run again after a while, each time a
   * longer one; after `attempts` failures in a row it is parked, unless it is a repeated one. Disposing the result
   * waits for what has begun.
   */
  work(handlers: Readonly<Record<string, JobHandler>>): AsyncDisposable;
  /** Those that have failed so often that they wait for someone to resume them, in no particular order. */
  parked(limit: number): Promise<readonly FailedJob[]>;
  /** Those whose last run has failed, and which are tried again; those that have failed longest first. */
  failing(limit: number): Promise<readonly FailedJob[]>;
  /** Lets a parked job run again, with all its attempts; false when there is none. */
  resume(kind: string, id: string): Promise<boolean>;
  counts(): Promise<JobCounts>;
}

/** How adapters run jobs. */
export interface JobSettings {
  /** How often a job may fail in a row before it is parked. */
  readonly attempts: number;
  /** Waiting times after failures: they double from the first to the longest. */
  readonly backOff: { readonly firstMs: number; readonly mostMs: number };
  /** A worker that has given no sign of life for so long is taken for dead. */
  readonly leaseMs: number;
  /** How many jobs a worker runs at once. */
  readonly concurrency: number;
  /** Hears of jobs that failed and of trouble between a worker and its store. */
  readonly onTrouble: (error: unknown, job: Job | undefined) => void;
}

export const defaultJobSettings: JobSettings = {
  attempts: 10,
  backOff: { firstMs: 1_000, mostMs: 60_000 },
  leaseMs: 10_000,
  concurrency: 10,
  onTrouble: () => {},
};
