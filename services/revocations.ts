import type { Caller } from './caller.ts';

/** Tells those who hold something open for a session that it has ended. */
export interface Revocations {
  announce(session: Caller): void;
  listen(listener: (session: Caller) => void): Disposable;
}

export const createRevocations = (): Revocations => {
  const listeners = new Set<(session: Caller) => void>();
  return {
    announce({ userId, deviceId, sessionId }) {
      for (const listener of listeners) listener({ userId, deviceId, sessionId });
    },
    listen(listener) {
      const own = (session: Caller) => listener(session);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
};
