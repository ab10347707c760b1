export interface LaneLimits {
  /** Commands that are decided together and appended at once. */
  readonly batch: number;
  /** Bytes of event data, as JSON, that are appended at once: no more than EventStoreDB takes unless told otherwise. */
  readonly batchBytes: number;
  /** Commands that may wait in one lane; one more is refused with `server/unavailable`. */
  readonly queue: number;
  /** Lanes of one kind that are kept although nothing waits in them. */
  readonly idleLanes: number;
  /** Events between two snapshots of a stream. */
  readonly snapshotEvery: number;
  /** How often a batch is decided, and how often one append is tried, before its commands are given up. */
  readonly attempts: number;
  /** How often one command may ask for a recall. */
  readonly recalls: number;
  /** Milliseconds before an append is tried a second time, at most; doubled with every further time. */
  readonly backOffMs: number;
}

export const defaultLaneLimits: LaneLimits = {
  batch: 128,
  batchBytes: 1024 * 1024,
  queue: 10_000,
  idleLanes: 5_000,
  snapshotEvery: 500,
  attempts: 8,
  recalls: 5,
  backOffMs: 10,
};
