import type { Job as BullJob } from 'bullmq';
import type { FailedJob, Job } from '../../ports/jobs.ts';

/** What stands in Redis of a job, beside its name, which is the kind. */
export interface JobData {
  readonly id: string;
  readonly data: unknown;
  /** Of a repeated job. */
  readonly everyMs?: number | undefined;
  /** How often it has failed in a row; then also of which class the last error was, and when the first one was. */
  readonly failures?: number | undefined;
  readonly error?: string | undefined;
  readonly failingSince?: number | undefined;
}

/** The job as it was before it failed. */
export const withoutFailures = ({ id, data, everyMs }: JobData): JobData => ({
  id,
  data,
  ...(everyMs !== undefined && { everyMs }),
});

const wellFormed = /^[A-Za-z0-9_.-]{1,200}$/;

/** BullMQ's id of a job: neither a number nor with a colon. Throws TypeError for what names no job. */
export const jobKey = (kind: string, id: string): string => {
  if (![kind, id].every((name) => wellFormed.test(name))) throw new TypeError('Not the name of a job');
  return `${kind}/${id}`;
};

/** What is told of a job that has failed; `finishedOn` and `failedReason` are there once it is parked. */
export const toFailedJob = ({ name, data, finishedOn, failedReason, timestamp }: BullJob<JobData>): FailedJob => ({
  kind: name,
  id: data.id,
  failures: data.failures ?? 0,
  error: data.error ?? failedReason ?? '',
  since: data.failingSince ?? finishedOn ?? timestamp,
});

export const toJob = ({ name, data: { id, data } }: BullJob<JobData>): Job => ({ kind: name, id, data });
