import { setTimeout as delay } from 'node:timers/promises';
import { parseStream } from '../domain/ids.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { followLog } from '../projections/follow-log.ts';
import type { Log } from '../projections/log.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import type { Watches } from './watches.ts';

export interface PresenceChangesOptions {
  readonly tail: LogTail;
  readonly events: Pick<EventStore, 'head'>;
  readonly watches: Pick<Watches, 'isWatched' | 'judgeAgain'>;
  readonly log: Log;
}

interface Change {
  readonly userId: string;
  /** Undefined: whoever watches him. */
  readonly viewerId?: string;
  /** Nobody concerned may see him any more, whatever else there is. */
  readonly hides: boolean;
}

const retryMs = 500;

/** Whose presence an event shows to others, or hides from them. */
const changesOf = ({ stream, event }: LoggedEvent): readonly Change[] => {
  switch (event.type) {
    case 'UserRegistered':
      return [{ userId: parseStream(stream).id, hides: false }];
    case 'PrivacyChanged':
      return [{ userId: parseStream(stream).id, hides: event.data.privacy.lastSeen === 'nobody' }];
    case 'UserErased':
      return [{ userId: parseStream(stream).id, hides: true }];
    case 'ContactAccepted':
    case 'ContactRemoved':
    case 'UserBlocked':
    case 'UserUnblocked': {
      const { by, other } = event.data;
      const hides = event.type === 'UserBlocked';
      return [
        { userId: by, viewerId: other, hides },
        { userId: other, viewerId: by, hides },
      ];
    }
    default:
      return [];
  }
};

/** Follows the log for what changes who may see whom, until disposed of. */
export const followPresenceChanges = ({ tail, events, watches, log }: PresenceChangesOptions): AsyncDisposable => {
  const stop = new AbortController();
  const { signal } = stop;

  const apply = async ({ userId, viewerId, hides }: Change, position: Position): Promise<void> => {
    while (!signal.aborted && watches.isWatched(userId)) {
      try {
        return await watches.judgeAgain(userId, position, viewerId, hides);
      } catch (error) {
        log.warn({ err: error }, 'Who may see a presence could not be found out; trying again');
        await delay(retryMs, undefined, { signal }).catch(() => {});
      }
    }
  };

  const onFailed = (error: unknown): void =>
    log.warn({ err: error }, 'The log cannot be followed for presence; trying again');
  const wanted = (): boolean => false;
  const following = followLog({ tail, events, signal, retryMs, wanted, onFailed }, (logged) => {
    for (const change of changesOf(logged)) void apply(change, logged.position);
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
};
