import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import type { Caller, Ending } from './caller.ts';

export interface EndedSession {
  readonly session: Caller;
  readonly ending: Ending;
}

/** Where processes tell each other of sessions that have ended. */
export const endedSessions = 'ended-sessions';

/** May be lost; what revokes a device is also an event, and open sockets are looked after from time to time. */
export const tellEnded =
  (pubSub: Pick<PubSub, 'publish'>) =>
  (session: Caller, ending: Ending): void => {
    const told: EndedSession = { session, ending };
    pubSub.publish(endedSessions, JSON.stringify(told)).catch((error: unknown) => {
      if (!(error instanceof PubSubUnavailable)) throw error;
    });
  };

export const readEnded = (message: string): EndedSession => JSON.parse(message) as EndedSession;
