import type { ProjectedStore } from '../ports/document-store.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import { claimNext, exposeBuild, makeLive, readLive, type Build } from './builds.ts';
import type { LogTail } from './log-tail.ts';
import { defaultRetryPolicy, runPersistently, type RetryPolicy } from './persist.ts';
import { BuildGone } from './projection-errors.ts';
import type { Projection } from './projection.ts';
import { runShard } from './run-shard.ts';
import { shardsOf, type Shard } from './shards.ts';

/** Measured in positions of the log, so it tells a share and not a number of events. */
export interface RebuildProgress {
  readonly done: number;
  readonly total: number;
  /** Null until it can be told. */
  readonly etaMs: number | null;
}

/** Another build went live meanwhile; the one that was made is left over. */
export class RebuildOvertaken extends Error {
  override readonly name = 'RebuildOvertaken';
}

export interface RebuildOptions {
  readonly documents: ProjectedStore;
  readonly tail: LogTail;
  readonly projection: Projection;
  /** Ends it early; the next rebuild goes on where this one stopped. */
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined;
  readonly policy?: RetryPolicy | undefined;
  readonly batchDocuments?: number | undefined;
  /** Of the build, unless an earlier rebuild has begun it. */
  readonly shards?: number | undefined;
  readonly onTrouble?: ((error: unknown, attempts: number) => void) | undefined;
  /** An event keeps failing. Resolves to try it again; without it the rebuild fails with the event's error. */
  readonly parked?: ((error: unknown, attempts: number) => Promise<void>) | undefined;
}

/**
 * Builds a projection from the first event beside the live build, and makes it the live one once it has caught up.
 * Reads go on meanwhile; all its shards are projected here, and projectors of this and of other processes take over then. Undefined when the signal aborted first.
 */
export const rebuild = async (options: RebuildOptions): Promise<Build | undefined> => {
  const { documents, projection, signal } = options;
  const before = await readLive(documents, projection.name);
  const build = await claimNext(documents, projection, before, options.shards);
  await catchUpAll(options, build);
  if (signal.aborted) return undefined;
  if (!(await makeLive(documents, projection.name, before, build))) throw new RebuildOvertaken(build.name);
  await exposeBuild(documents, projection, build);
  return build;
};

/** After so long without progress of another process that makes the same build, this one goes on with it. */
const patienceMs = 500;

const catchUpAll = async (options: RebuildOptions, build: Build): Promise<void> => {
  const shards = shardsOf(build.shards);
  const positions = shards.map(() => beforeLog);
  const report = progressReporter(options.tail, options.onProgress);
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal]);
  const all = shards.map(async (shard) => {
    try {
      await catchUp({ ...options, signal }, build, shard, (position) => {
        positions[shard.index] = position;
        report(positions.reduce((least, each) => (each < least ? each : least)));
      });
    } catch (error) {
      failing.abort();
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(all);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
};

const catchUp = async (
  options: RebuildOptions,
  build: Build,
  shard: Shard,
  onProgress: (position: Position) => void,
): Promise<void> => {
  const { documents, tail, projection, signal, policy = defaultRetryPolicy, batchDocuments } = options;
  let position = beforeLog;
  await runPersistently({
    policy,
    signal,
    progress: () => position,
    onTrouble: (error, attempts) => options.onTrouble?.(error, attempts),
    parked: async (error, attempts) => {
      if (options.parked === undefined || error instanceof BuildGone) throw error;
      await options.parked(error, attempts);
    },
    attempt: async () => {
      const caughtUp = new AbortController();
      await runShard({
        documents,
        tail,
        projection,
        build: build.name,
        shard,
        signal: AbortSignal.any([signal, caughtUp.signal]),
        batchDocuments,
        patienceMs,
        onProgress(reached) {
          position = reached;
          onProgress(reached);
        },
        onCaughtUp: () => caughtUp.abort(),
      });
    },
  });
};

const progressReporter = (tail: LogTail, tell: RebuildOptions['onProgress']) => {
  const startedAt = performance.now();
  let first: number | undefined;
  let last: Position | undefined;
  return (position: Position): void => {
    if (position === last) return;
    last = position;
    const done = Number(position - beforeLog);
    const total = Math.max(done, Number(tail.head() - beforeLog));
    first ??= done;
    const etaMs = done === first ? null : ((performance.now() - startedAt) * (total - done)) / (done - first);
    tell?.({ done, total, etaMs: etaMs === null ? null : Math.round(etaMs) });
  };
};
