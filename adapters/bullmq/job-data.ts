import type { Job as BullJob } from 'bullmq';
import type { Job } from '../../ports/jobs.ts';

/** What stands in Redis of a job, beside its name, which is the kind. */
export interface JobData {
  readonly id: string;
  readonly data: unknown;
  /** Of a repeated job. */
  readonly everyMs?: number | undefined;
  /** How often a repeated job has failed in a row. */
  readonly failures?: number | undefined;
}

const wellFormed = /^[A-Za-z0-9_.-]{1,200}$/;

/** BullMQ's id of a job: neither a number nor with a colon. Throws TypeError for what names no job. */
export const jobKey = (kind: string, id: string): string => {
  if (![kind, id].every((name) => wellFormed.test(name))) throw new TypeError('Not the name of a job');
  return `${kind}/${id}`;
};

export const toJob = ({ name, data: { id, data } }: BullJob<JobData>): Job => ({ kind: name, id, data });
