import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { LogTail, Wanted } from './log-tail.ts';
import type { LoggedEvent } from './projection.ts';

export interface FollowLogOptions {
  readonly tail: LogTail;
  readonly events: Pick<EventStore, 'head'>;
  readonly signal: AbortSignal;
  readonly retryMs: number;
  /** Which conversations' events are needed; default: all. */
  readonly wanted?: Wanted;
  /** Before it is tried again. */
  readonly onFailed: (error: unknown) => void;
}

/** Takes every event from now on, one after another, the failing one again, until the signal aborts. */
export const followLog = async (
  { tail, events, signal, retryMs, wanted, onFailed }: FollowLogOptions,
  take: (logged: LoggedEvent) => Promise<void> | void,
): Promise<void> => {
  let position: Position | undefined;
  while (!signal.aborted) {
    try {
      position ??= await events.head();
      for await (const batch of tail.follow(position, signal, wanted)) {
        if (batch.kind !== 'events') {
          position = batch.position;
          continue;
        }
        for (const logged of batch.events) {
          await take(logged);
          position = logged.position;
        }
      }
      if (!signal.aborted) throw new Error('The log tail ended by itself');
    } catch (error) {
      if (signal.aborted) return;
      onFailed(error);
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
};
