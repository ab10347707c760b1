import type { ProjectedStore } from '../ports/document-store.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import { claimNext, exposeBuild, makeLive, readLive, type Build } from './builds.ts';
import type { LogTail } from './log-tail.ts';
import { defaultRetryPolicy, pause, runPersistently, type RetryPolicy } from './persist.ts';
import { BuildGone, ProjectorFenced } from './projection-errors.ts';
import type { Projection } from './projection.ts';
import { runProjector } from './projector.ts';

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
  readonly onTrouble?: ((error: unknown, attempts: number) => void) | undefined;
  /** An event keeps failing. Resolves to try it again; without it the rebuild fails with the event's error. */
  readonly parked?: ((error: unknown, attempts: number) => Promise<void>) | undefined;
}

/**
 * Builds a projection from the first event beside the live build, and makes it the live one once it has caught up.
 * Reads go on meanwhile; projectors of this and of other processes follow. Undefined when the signal aborted first.
 */
export const rebuild = async (options: RebuildOptions): Promise<Build | undefined> => {
  const { documents, projection, signal } = options;
  const before = await readLive(documents, projection.name);
  const build = await claimNext(documents, projection, before);
  await catchUp(options, build);
  if (signal.aborted) return undefined;
  if (!(await makeLive(documents, projection.name, before, build))) throw new RebuildOvertaken(build.name);
  await exposeBuild(documents, projection, build);
  return build;
};

const catchUp = async (options: RebuildOptions, build: Build): Promise<void> => {
  const { documents, tail, projection, signal, policy = defaultRetryPolicy, batchDocuments } = options;
  let position = beforeLog;
  const report = progressReporter(tail, options.onProgress);
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
      try {
        await runProjector({
          documents,
          tail,
          projection,
          build: build.name,
          signal: AbortSignal.any([signal, caughtUp.signal]),
          batchDocuments,
          onProgress(reached) {
            position = reached;
            report(reached);
          },
          onCaughtUp: () => caughtUp.abort(),
        });
      } catch (error) {
        if (!(error instanceof ProjectorFenced)) throw error;
        // Another process makes the same build: both bring it forward, and neither is in the wrong.
        await pause(policy.backOff.firstMs * Math.random(), signal);
        throw error;
      }
    },
  });
};

const progressReporter = (tail: LogTail, tell: RebuildOptions['onProgress']) => {
  const startedAt = performance.now();
  let first: number | undefined;
  return (position: Position): void => {
    const done = Number(position - beforeLog);
    const total = Math.max(done, Number(tail.head() - beforeLog));
    first ??= done;
    const etaMs = done === first ? null : ((performance.now() - startedAt) * (total - done)) / (done - first);
    tell?.({ done, total, etaMs: etaMs === null ? null : Math.round(etaMs) });
  };
};
