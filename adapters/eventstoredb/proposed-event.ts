import type { NewEvent, Revision } from '../../ports/event-store.ts';
import { noStream } from '../../ports/event-store.ts';

/** An event as bytes, taken at the moment of the call. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const nil = '00000000-0000-0000-0000-000000000000';

const bytesOf = (value: unknown, what: string): Buffer => {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${what} is no JSON value`);
  return Buffer.from(text);
};

const propose = ({ id, type, data, metadata }: NewEvent): ProposedEvent => {
  // The server answers a bad id or type twice, which breaks a client that does not expect it.
  if (!uuid.test(id) || id === nil) throw new TypeError('The id of an event must be a lower-case UUID');
  if (typeof type !== 'string' || type === '') throw new TypeError('An event must have a type');
  return {
    id,
    type,
    data: bytesOf(data, `The data of a ${type} event`),
    metadata: bytesOf(metadata, `The metadata of a ${type} event`),
  };
};

/** Throws TypeError for what the server must never be sent. */
export const proposeEvents = (events: readonly NewEvent[]): readonly ProposedEvent[] => {
  if (events.length === 0) throw new TypeError('An append holds at least one event');
  return events.map((event) => propose(event));
};

/** Throws TypeError when the log, which is filtered by prefixes, would never show what is appended here. */
export const checkPlace = (stream: string, expected: Revision, prefixes: readonly string[]): void => {
  if (!prefixes.some((prefix) => stream.startsWith(prefix) && stream.length > prefix.length)) {
    throw new TypeError(`A stream's name must start with one of ${prefixes.join(', ')}`);
  }
  if (!Number.isSafeInteger(expected) || expected < noStream) throw new TypeError(`${expected} is no revision`);
};
