import {
  EventStoreUnavailable,
  type Appended,
  type EventStore,
  type NewEvent,
  type Revision,
} from '../../ports/event-store.ts';

type Append = EventStore['append'];
/** Stands in for one append; `through` does it for real. */
export type Fault = (through: () => Promise<Appended>, stream: string) => Promise<Appended>;

export interface FaultyStore extends EventStore {
  readonly appends: { readonly stream: string; readonly events: readonly NewEvent[]; readonly expected: Revision }[];
}

export const lostReply: Fault = async (through) => {
  await through();
  throw new EventStoreUnavailable('The reply was lost');
};

export const lostRequest: Fault = async () => {
  throw new EventStoreUnavailable('The request was lost');
};

/** The store, with the next appends going wrong as told, one after another; then it works again. */
export const faulty = (store: EventStore, ...faults: Fault[]): FaultyStore => {
  const appends: FaultyStore['appends'] = [];
  const append: Append = async (stream, events, expected) => {
    appends.push({ stream, events, expected });
    const through = () => store.append(stream, events, expected);
    return await (faults.shift() ?? ((direct) => direct()))(through, stream);
  };
  return {
    appends,
    append,
    readStream: store.readStream.bind(store),
    readStreamBackwards: store.readStreamBackwards.bind(store),
    readLog: store.readLog.bind(store),
    head: store.head.bind(store),
    subscribe: store.subscribe.bind(store),
    [Symbol.asyncDispose]: async () => {},
  };
};
