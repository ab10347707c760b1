import type { Position, RecordedEvent, Revision } from '../ports/event-store.ts';
import type { Audience } from './topics.ts';

/** Where an event stands that a relay has published, and whom it is for. */
export interface Entry {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  readonly audience: Audience;
}

/**
 * A relay's word that after `previous`, up to and with `position`, these are all events of its shards that any node
 * needs. Whoever has each mark of a shard knows of every event; whoever lacks one notices by the next one's `previous`.
 */
export interface Mark {
  readonly shards: readonly number[];
  readonly previous: Position;
  readonly position: Position;
  /** In log order. */
  readonly entries: readonly Entry[];
}

/** A mark as it is sent: each stream once; of each entry its stream's index, revision, distance from `previous`, and 1 where it is for all. */
interface SentMark {
  readonly shards: readonly number[];
  readonly previous: string;
  readonly position: string;
  readonly streams: readonly string[];
  readonly entries: readonly (readonly [stream: number, revision: number, distance: string, isForAll: 0 | 1])[];
}

export const encodeMark = ({ shards, previous, position, entries }: Mark): string => {
  const indexes = new Map<string, number>();
  for (const { stream } of entries) indexes.getOrInsert(stream, indexes.size);
  const sent: SentMark = {
    shards,
    previous: previous.toString(),
    position: position.toString(),
    streams: [...indexes.keys()],
    entries: entries.map((entry) => [
      indexes.get(entry.stream)!,
      entry.revision,
      (entry.position - previous).toString(),
      entry.audience === 'all' ? 1 : 0,
    ]),
  };
  return JSON.stringify(sent);
};

export const decodeMark = (text: string): Mark => {
  const { shards, previous, position, streams, entries } = JSON.parse(text) as SentMark;
  const from = BigInt(previous);
  return {
    shards,
    previous: from,
    position: BigInt(position),
    entries: entries.map(([stream, revision, distance, isForAll]) => ({
      stream: streams[stream]!,
      revision,
      position: from + BigInt(distance),
      audience: isForAll === 1 ? 'all' : 'listeners',
    })),
  };
};

type SentEvent = Omit<RecordedEvent, 'position'> & { readonly position: string };

export const encodeEvents = (events: readonly RecordedEvent[]): string =>
  JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

export const decodeEvents = (text: string): readonly RecordedEvent[] =>
  (JSON.parse(text) as readonly SentEvent[]).map((sent) => Object.assign(sent, { position: BigInt(sent.position) }));
