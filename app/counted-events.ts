import type { EventStore } from '../ports/event-store.ts';

/** The same store, telling how many events each append has added. */
export const countAppends = (store: EventStore, appended: (events: number) => void): EventStore => ({
  async append(stream, events, expected) {
    const outcome = await store.append(stream, events, expected);
    appended(events.length);
    return outcome;
  },
  readStream: (stream, options) => store.readStream(stream, options),
  readStreamBackwards: (stream, options) => store.readStreamBackwards(stream, options),
  readLog: (after, limit) => store.readLog(after, limit),
  head: () => store.head(),
  subscribe: (after, signal) => store.subscribe(after, signal),
  [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
});
