import { streamPrefixes } from '../../domain/ids.ts';
import {
  beforeLog,
  EventStoreUnavailable,
  RevisionConflict,
  type Position,
  type RecordedEvent,
} from '../../ports/event-store.ts';
import { OutOfOrder, type LogCopy } from '../../ports/log-copy.ts';
import { BatchAppends } from './batch-appends.ts';
import { Connection } from './connection.ts';
import { checkPlace, proposeEvents } from './proposed-event.ts';
import { withRecordedAt } from './recorded.ts';
import { runsOf } from './runs.ts';

export interface LogCopyOptions {
  readonly url: string;
  readonly prefixes?: readonly string[];
  /** Appends on their way at once. With one, each waits for the answer to the one before it. */
  readonly inFlight?: number;
  /** How long an append may go without an answer. */
  readonly timeoutMs?: number;
}

/**
 * Makes EventStoreDB a copy of another log. All appends go over one call, in order: the server takes them from it one
 * after the other and writes them in that order, whatever the stream, so that a broken call leaves the first part of
 * them. Every answer's position is compared with the one before it.
 */
export class EventStoreDbLogCopy implements LogCopy {
  readonly #prefixes: readonly string[];
  readonly #inFlight: number;
  readonly #connection: Connection;
  readonly #appends: BatchAppends;

  constructor({ url, prefixes = streamPrefixes, inFlight = 64, timeoutMs = 15_000 }: LogCopyOptions) {
    this.#prefixes = prefixes;
    this.#inFlight = inFlight;
    this.#connection = new Connection(url);
    this.#appends = new BatchAppends({ connection: this.#connection, timeoutMs, onHung: () => undefined });
  }

  async restore(events: readonly RecordedEvent[]): Promise<void> {
    const sent: Promise<Position>[] = [];
    let last = beforeLog;
    const follow = (position: Position): void => {
      if (position <= last) throw new OutOfOrder(`Position ${position} was given after ${last}`);
      last = position;
    };
    try {
      for (const run of runsOf(events)) {
        if (sent.length >= this.#inFlight) follow(await sent.shift()!);
        const position = this.#append(run);
        // It may fail while an earlier one is waited for.
        position.catch(() => undefined);
        sent.push(position);
      }
      for (const position of sent) follow(await position);
    } catch (error) {
      // Whoever looks at the log next shall see all that was sent.
      await Promise.allSettled(sent);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #append(run: readonly RecordedEvent[]): Promise<Position> {
    const { stream, revision } = run[0]!;
    const expected = revision - 1;
    checkPlace(stream, expected, this.#prefixes);
    const answer = await this.#appends.append(stream, proposeEvents(run.map(withRecordedAt)), expected);
    if (answer.kind === 'appended') return answer.appended.position;
    if (answer.kind === 'wrong-version') throw new RevisionConflict(stream, expected);
    if (answer.kind === 'too-large') throw new RangeError(`An append may hold ${answer.most} bytes of data`);
    throw new EventStoreUnavailable(`An append failed: ${answer.reason}`);
  }
}
