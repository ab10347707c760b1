import { pause } from './persist.ts';
import { BuildGone, ProjectorFenced } from './projection-errors.ts';
import { runProjector, type ProjectorOptions } from './projector.ts';
import { checkpointOf, wholeBuild } from './shards.ts';

export interface ShardRunOptions extends ProjectorOptions {
  /** After so long without progress of the process that projects instead, this one tries again. */
  readonly patienceMs: number;
  /** Another process has moved the checkpoint. */
  readonly onFenced?: (() => Promise<void>) | undefined;
}

/** How often one looks how far the process has come that projects instead of this one. */
const lookMs = 50;

/**
 * Projects one shard until the signal aborts, and stands by while another process does. Throws as `runProjector`, but
 * is never fenced for good.
 */
export const runShard = async (options: ShardRunOptions): Promise<void> => {
  while (!options.signal.aborted) {
    try {
      return await runProjector(options);
    } catch (error) {
      if (!(error instanceof ProjectorFenced)) throw error;
    }
    await options.onFenced?.();
    await standBy(options);
  }
};

/** Follows the checkpoint that another process moves, until that process seems to be gone. */
const standBy = async (options: ShardRunOptions): Promise<void> => {
  const { documents, tail, build, shard = wholeBuild, signal, patienceMs, onProgress, onCaughtUp } = options;
  const name = checkpointOf(build, shard);
  let last: bigint | undefined;
  for (let movedAt = performance.now(); !signal.aborted;) {
    const checkpoint = await documents.checkpoint(name);
    if (checkpoint === undefined) throw new BuildGone(build);
    if (checkpoint !== last) movedAt = performance.now();
    last = checkpoint;
    onProgress(checkpoint);
    if (checkpoint >= tail.head()) {
      movedAt = performance.now();
      onCaughtUp?.();
    } else if (performance.now() - movedAt > patienceMs) return;
    await pause(lookMs, signal);
  }
};
