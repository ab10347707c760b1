import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectedStore } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import { BatchWriter } from './batch-writer.ts';
import type { LogBatch, LogTail } from './log-tail.ts';
import { BuildGone, ProjectionFailed } from './projection-errors.ts';
import type { Projection } from './projection.ts';
import { checkpointOf, isOfShard, wholeBuild, type Shard } from './shards.ts';
import { UndecodableLogEvent } from './undecodable-log-event.ts';

export interface ProjectorOptions {
  readonly documents: ProjectedStore;
  readonly tail: LogTail;
  readonly projection: Projection;
  /** Name of the build; its collections and its checkpoint exist. */
  readonly build: string;
  /** The part of it that is projected; default: all of it. */
  readonly shard?: Shard | undefined;
  readonly signal: AbortSignal;
  /** The shard reflects every event of its streams up to this position. */
  readonly onProgress: (position: Position) => void;
  /** Nothing was left to project at this moment. */
  readonly onCaughtUp?: () => void;
  readonly batchDocuments?: number | undefined;
  /** How long the checkpoint may wait while events come that change no document. */
  readonly checkpointMs?: number | undefined;
}

/**
 * Projects from the shard's checkpoint on until the signal aborts. Throws `ProjectionFailed` at the event that cannot
 * be projected, with everything before it committed; `ProjectorFenced` when another moved the checkpoint; `BuildGone`.
 */
export const runProjector = async (options: ProjectorOptions): Promise<void> => {
  const { documents, tail, build, shard = wholeBuild, batchDocuments = 1_000, checkpointMs = 500 } = options;
  const checkpointName = checkpointOf(build, shard);
  const checkpoint = await documents.checkpoint(checkpointName);
  if (checkpoint === undefined) throw new BuildGone(build);
  options.onProgress(checkpoint);
  const writer = new BatchWriter({ ...options, checkpointName, checkpoint, batchDocuments });
  const ending = new AbortController();
  const batches = tail.follow(checkpoint, AbortSignal.any([options.signal, ending.signal]));
  try {
    for await (const batch of withTicks(batches, checkpointMs, ending.signal, () => writer.isBehind)) {
      if (batch === 'tick') await writer.saveCheckpoint();
      else if (batch.kind === 'events') {
        await writer.write(batch.events.filter(({ stream }) => isOfShard(stream, shard)));
        writer.pass(batch.events.at(-1)!.position);
      } else {
        writer.pass(batch.position);
        options.onCaughtUp?.();
      }
    }
    await writer.saveCheckpoint();
  } catch (error) {
    if (error instanceof UndecodableLogEvent) throw new ProjectionFailed(error.place, error.type, error);
    throw error;
  } finally {
    ending.abort();
  }
};

/** The batches, and between them a tick so many milliseconds after `wanted` was first seen to be true. */
async function* withTicks(
  batches: AsyncIterable<LogBatch>,
  everyMs: number,
  signal: AbortSignal,
  wanted: () => boolean,
): AsyncGenerator<LogBatch | 'tick', void, undefined> {
  const iterator = batches[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<LogBatch>> | undefined;
  let tick: Promise<'tick'> | undefined;
  try {
    for (;;) {
      if (wanted()) tick ??= sleep(everyMs, 'tick' as const, { signal, ref: false }).catch(() => 'tick' as const);
      next ??= iterator.next();
      const first = await (tick === undefined ? next : Promise.race([next, tick]));
      if (first === 'tick') {
        tick = undefined;
        yield first;
      } else if (first.done === true) return;
      else {
        next = undefined;
        yield first.value;
      }
    }
  } finally {
    // Not waited for: the batches end only once the signal aborts, and how they end is of no interest any more.
    next?.catch(() => undefined);
    void iterator.return?.();
  }
}
