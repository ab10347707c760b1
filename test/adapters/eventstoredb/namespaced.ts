import { randomUUID } from 'node:crypto';
import { EventStoreDbEventStore, type EventStoreDbOptions } from '../../../adapters/eventstoredb/event-store.ts';
import { RevisionConflict, type EventStore, type RecordedEvent } from '../../../ports/event-store.ts';

export interface Namespace {
  open(options?: Partial<EventStoreDbOptions>): EventStore;
}

/** A log of its own on a server that others use too: their events are foreign to it, and its streams to them. */
export const newNamespace = (url: string): Namespace => {
  const space = `test-${randomUUID()}-`;
  const bare = (event: RecordedEvent): RecordedEvent => ({ ...event, stream: event.stream.slice(space.length) });
  async function* bareEvents(events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent> {
    for await (const event of events) yield bare(event);
  }
  return {
    open(options) {
      const store = new EventStoreDbEventStore({ url, prefixes: [`${space}conversation-`], ...options });
      return {
        async append(stream, events, expected) {
          try {
            return await store.append(space + stream, events, expected);
          } catch (error) {
            throw error instanceof RevisionConflict ? new RevisionConflict(stream, error.expected) : error;
          }
        },
        readStream: (stream, range) => bareEvents(store.readStream(space + stream, range)),
        readStreamBackwards: (stream, range) => bareEvents(store.readStreamBackwards(space + stream, range)),
        readLog: async (after, limit) => (await store.readLog(after, limit)).map((event) => bare(event)),
        head: () => store.head(),
        async *subscribe(after, signal) {
          let position = after;
          for await (const item of store.subscribe(after, signal)) {
            // Checkpoints among the events of others move the mark, which a log without others does not do.
            if (item.kind === 'caught-up') yield { kind: 'caught-up', position };
            else {
              position = item.events.at(-1)!.position;
              yield { kind: 'events', events: item.events.map((event) => bare(event)) };
            }
          }
        },
        [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
      };
    },
  };
};
