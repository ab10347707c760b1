import type { DocumentStore } from '../ports/document-store.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { Log } from '../projections/log.ts';
import { backOff, type BackOff } from '../projections/back-off.ts';
import { pause } from '../projections/persist.ts';
import type { LoggedEvent } from '../projections/projection.ts';

/** What follows from events. Both functions are repeated after a crash: what was done before must have no further effect. */
export interface Reaction {
  readonly name: string;
  readonly isConcerned: (event: LoggedEvent) => boolean;
  readonly react: (event: LoggedEvent) => Promise<void>;
}

export interface ReactionOptions {
  readonly reaction: Reaction;
  readonly tail: LogTail;
  readonly documents: Pick<DocumentStore, 'checkpoint' | 'commit'>;
  readonly log: Log;
  readonly backOff?: BackOff;
  /** After so many events that do not concern it, the reaction notes how far it is. */
  readonly checkpointEvents?: number;
}

const defaultReactionBackOff: BackOff = { firstMs: 100, mostMs: 30_000 };

/**
 * Reacts to each event that concerns the reaction, in order, at least once, going on after the last one at the next
 * start. An event whose reaction fails is tried again until it succeeds; those after it wait.
 */
export const startReaction = (options: ReactionOptions): AsyncDisposable => {
  const { reaction, tail, documents, log, checkpointEvents = 1_000 } = options;
  const checkpoint = `reaction:${reaction.name}`;
  const stopping = new AbortController();
  const { signal } = stopping;
  let failures = 0;

  const save = async (from: Position | undefined, to: Position): Promise<void> => {
    if (to === (from ?? beforeLog)) return;
    const moved = await documents.commit([], { name: checkpoint, from, to });
    if (!moved) throw new Error('Another process reacts to the same events');
  };

  const follow = async (): Promise<void> => {
    let saved = await documents.checkpoint(checkpoint);
    let passed = saved ?? beforeLog;
    let unsaved = 0;
    for await (const batch of tail.follow(passed, signal)) {
      if (batch.kind !== 'events') continue;
      let hasReacted = false;
      for (const event of batch.events) {
        if (reaction.isConcerned(event)) {
          await reaction.react(event);
          hasReacted = true;
        }
        passed = event.position;
        failures = 0;
      }
      unsaved += batch.events.length;
      if (!hasReacted && unsaved < checkpointEvents) continue;
      await save(saved, passed);
      saved = passed;
      unsaved = 0;
    }
    await save(saved, passed);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        log.warn({ err: error, reaction: reaction.name, failures }, 'A reaction failed; trying again');
        await pause(backOff(options.backOff ?? defaultReactionBackOff, failures), signal);
      }
    }
  };

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
};
