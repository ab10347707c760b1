import type { ProjectedStore } from '../ports/document-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Log } from './log.ts';
import type { LogTail } from './log-tail.ts';
import type { Ownership } from './ownership.ts';
import type { RetryPolicy } from './persist.ts';
import type { Projection } from './projection.ts';
import type { ShardPositions } from './shard-positions.ts';

export interface RunnerOptions {
  readonly projection: Projection;
  readonly events: EventStore;
  readonly documents: ProjectedStore;
  readonly tail: LogTail;
  readonly log: Log;
  readonly policy: RetryPolicy;
  /** How long builds that are no longer live are kept: for reads that have begun, and for other processes. */
  readonly keepMs: number;
  readonly ownership: Ownership;
  readonly positions: ShardPositions;
  /** Whether the build is made and kept up to date here; else what other processes do is followed. */
  readonly projects: boolean;
  /** How often one that only follows looks whether there is a build. */
  readonly pollMs: number;
  /** Of builds that are made here. */
  readonly shards: number;
  readonly batchDocuments?: number | undefined;
}
