import type { Caller, Ending } from './caller.ts';

/** Tells those who hold something open for a session that it has ended. */
export interface Revocations {
  announce(session: Caller, ending: Ending): void;
  listen(listener: (session: Caller, ending: Ending) => void): Disposable;
}

/** `tellOthers` brings it to the other processes, as well as it can. */
export const createRevocations = (
  tellOthers: (session: Caller, ending: Ending) => void = () => undefined,
): Revocations => {
  const listeners = new Set<(session: Caller, ending: Ending) => void>();
  return {
    announce({ userId, deviceId, sessionId }, ending) {
      const session: Caller = { userId, deviceId, sessionId };
      for (const listener of listeners) listener(session, ending);
      tellOthers(session, ending);
    },
    listen(listener) {
      const own = (session: Caller, ending: Ending) => listener(session, ending);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
};
