import type { JobSettings } from '../../ports/jobs.ts';

/** Settings that queues are opened with for their contract, so that nothing takes long. */
export const quickly = {
  attempts: 3,
  backOff: { firstMs: 20, mostMs: 100 },
  leaseMs: 1_000,
  concurrency: 4,
} satisfies Partial<JobSettings>;
