import { createHash } from 'node:crypto';
import {
  beforeLog,
  type EventStore,
  type Position,
  type RecordedEvent,
  type Revision,
} from '../../ports/event-store.ts';
import { wholeLog } from '../whole-log.ts';

/** The target holds something that the source does not hold in that place. */
export class LogsDiffer extends Error {
  override readonly name = 'LogsDiffer';
}

/** What both logs hold, from the first event on. */
export interface Comparison {
  readonly events: number;
  readonly streams: number;
  /** SHA-256 over all of these events in their order, without their positions. */
  readonly digest: string;
  /** Of the last of them, in either log. */
  readonly source: Position;
  readonly target: Position;
  /** The source holds nothing more. */
  readonly isWhole: boolean;
  /** No event has a lower position in the target than in the source. */
  readonly isNeverLower: boolean;
}

export interface CompareOptions {
  readonly source: EventStore;
  readonly target: EventStore;
  readonly onPair?: ((source: Position, target: Position) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Everything but the position. */
const textOf = ({ stream, revision, id, type, data, metadata, recordedAt }: RecordedEvent): string =>
  JSON.stringify([stream, revision, id, type, data, metadata, recordedAt]);

/** Reads both logs as far as the target goes. Throws `LogsDiffer` where the target is not the first part of the source. */
export const compareLogs = async ({ source, target, onPair, signal }: CompareOptions): Promise<Comparison> => {
  const hash = createHash('sha256');
  const revisions = new Map<string, Revision>();
  const sourceEvents = wholeLog(source);
  let last: { readonly source: Position; readonly target: Position } = { source: beforeLog, target: beforeLog };
  let events = 0;
  let isNeverLower = true;
  for await (const copied of wholeLog(target)) {
    signal?.throwIfAborted();
    const { value: original } = await sourceEvents.next();
    const text = textOf(copied);
    if (original === undefined || textOf(original) !== text) {
      throw new LogsDiffer(`Event ${copied.revision} of ${copied.stream} is not in the source at that place`);
    }
    const { stream, revision } = copied;
    if ((revisions.get(stream) ?? -1) + 1 !== revision) {
      throw new LogsDiffer(`Event ${revision} of ${stream} does not follow the one before it`);
    }
    revisions.set(stream, revision);
    hash.update(text).update('\n');
    last = { source: original.position, target: copied.position };
    if (last.target < last.source) isNeverLower = false;
    onPair?.(last.source, last.target);
    events += 1;
  }
  const { done = false } = await sourceEvents.next();
  return { events, streams: revisions.size, digest: hash.digest('hex'), ...last, isWhole: done, isNeverLower };
};
