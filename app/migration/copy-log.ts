import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreUnavailable, RevisionConflict, type EventStore, type Position } from '../../ports/event-store.ts';
import type { LogCopy } from '../../ports/log-copy.ts';
import { compareLogs, type Comparison } from './compare-logs.ts';

export interface CopyProgress {
  readonly phase: 'comparing' | 'copying' | 'verifying';
  /** Position in the source. */
  readonly done: Position;
  readonly total: Position;
}

export interface CopyLogOptions {
  readonly source: EventStore;
  readonly target: EventStore;
  /** Writes to what `target` reads. */
  readonly copy: LogCopy;
  readonly onProgress: (progress: CopyProgress) => void;
  /** Told of each pair of positions of the same event when everything is verified. */
  readonly onPair: (source: Position, target: Position) => void;
  readonly signal: AbortSignal;
}

const pageEvents = 4_000;
/** Failures without a step forwards before it gives up, after half a minute. */
const mostFailures = 10;
const pauseMs = 500;

/**
 * Copies what the target does not have yet, wherever it stands, then reads both whole and compares them. Throws
 * `LogsDiffer` when the target is not the first part of the source, and what the stores throw when they stay away.
 */
export const copyLog = async (options: CopyLogOptions): Promise<Comparison> => {
  const { source, onProgress, onPair } = options;
  const total = await source.head();
  const compare = (phase: CopyProgress['phase']): Promise<Comparison> =>
    compareLogs({
      ...options,
      onPair(done, target) {
        onProgress({ phase, done, total });
        if (phase === 'verifying') onPair(done, target);
      },
    });
  // Whoever cannot be reached at the start will not be waited for.
  let shared: Comparison | undefined = await compare('comparing');
  let furthest = shared.events;
  for (let failures = 0; ;) {
    try {
      shared ??= await compare('comparing');
      if (shared.events > furthest) failures = 0;
      furthest = shared.events;
      await copyRest(options, shared.source, total);
      shared = await compare('verifying');
      if (shared.isWhole) return shared;
    } catch (error) {
      const mayPass = error instanceof EventStoreUnavailable || error instanceof RevisionConflict;
      failures += 1;
      if (!mayPass || failures > mostFailures) throw error;
      shared = undefined;
      await pause(pauseMs * failures);
    }
  }
};

/** To the end of the source. When it fails it is not known how much has arrived. */
const copyRest = async (
  { source, copy, onProgress, signal }: CopyLogOptions,
  after: Position,
  total: Position,
): Promise<void> => {
  let next = source.readLog(after, pageEvents);
  for (;;) {
    const page = await next;
    const last = page.at(-1);
    if (last === undefined) return;
    signal.throwIfAborted();
    next = source.readLog(last.position, pageEvents);
    // It may fail while the page before it is written.
    next.catch(() => undefined);
    await copy.restore(page);
    onProgress({ phase: 'copying', done: last.position, total });
  }
};
