import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../domain/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { beforeLog, type EventStore, type Position, type RecordedEvent } from '../ports/event-store.ts';
import { backOff, defaultBackOff, type BackOff } from './back-off.ts';
import { Bell } from './bell.ts';
import { EventRing } from './event-ring.ts';
import type { Decoded } from './undecodable-log-event.ts';
import { silent, type Log } from './log.ts';
import type { LoggedEvent } from './projection.ts';
import { decodeRecorded } from './undecodable-log-event.ts';

export type LogBatch = (
  | { readonly kind: 'events'; readonly events: readonly LoggedEvent[] }
  /** Nothing more is known. The position may lie beyond the last event, where others write to the same log. */
  | { readonly kind: 'caught-up'; readonly position: Position }
  /** Everything up to the event at this position was given that the follower wanted. */
  | { readonly kind: 'passed'; readonly position: Position }
) & {
  /**
   * Conversations of which events up to here were left out, as nobody wanted them. A follower who wants one of them by
   * now must not take the batch, but follow again from where it is.
   */
  readonly leftOut?: ReadonlySet<string>;
};

/** How far a reader of the log is behind. Where `events` is too large to be counted it is estimated, and `ms` is at least so long. */
export interface Lag {
  readonly events: number;
  readonly ms: number;
}

export interface TailStatus {
  /** `retrying`: the log could not be read, and is tried again. */
  readonly state: 'live' | 'retrying';
  readonly error: string | null;
}

/** Whether a follower needs the events of a conversation. A batch ends with an event that may change the answer. */
export type Wanted = (conversationId: string) => boolean;

/** The log, decoded once for all who follow it: projectors, reactions and the realtime fan-out. */
export interface LogTail extends AsyncDisposable {
  /**
   * Events after `after`, oldest first, then live; never a gap, never a repeat. Throws `UndecodableEvent` at the
   * event that cannot be decoded, after everything before it. Ends without an error when the signal aborts. With
   * `wanted`, events of other conversations may be left out, but for those that concern members wherever they are.
   */
  follow(after: Position, signal: AbortSignal, wanted?: Wanted): AsyncIterable<LogBatch>;
  /** Position of the newest event seen so far. */
  head(): Position;
  /** How far one who is done with everything up to `position` is behind. */
  lag(position: Position): Lag;
  status(): TailStatus;
}

export interface LogTailOptions {
  readonly events: EventStore;
  readonly catalog: Catalog;
  /** At least so many of the newest events are kept decoded; who is further behind reads the store. */
  readonly bufferEvents?: number;
  /** Fewer are kept where their data, as JSON, has more characters than this. */
  readonly bufferCharacters?: number;
  readonly batchEvents?: number;
  readonly backOff?: BackOff;
  readonly clock?: Clock;
  readonly log?: Log | undefined;
}

export const createLogTail = (options: LogTailOptions): LogTail => new SharedTail(options);

/** One live subscription fills a ring. Followers near the head read from it, others read the store until they get there. */
class SharedTail implements LogTail {
  readonly #events: EventStore;
  readonly #catalog: Catalog;
  readonly #bufferEvents: number;
  readonly #bufferCharacters: number;
  readonly #batchEvents: number;
  readonly #backOff: BackOff;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #closing = new AbortController();
  readonly #bell = new Bell();
  readonly #pumping: Promise<void>;
  readonly #startedAt: number;
  #ring: EventRing | undefined;
  #seen = beforeLog;
  #status: TailStatus = { state: 'live', error: null };

  constructor({
    events,
    catalog,
    bufferEvents = 4_096,
    bufferCharacters = 32 * 1024 * 1024,
    batchEvents = 256,
    backOff: wait = defaultBackOff,
    clock = Date.now,
    log = silent,
  }: LogTailOptions) {
    this.#events = events;
    this.#catalog = catalog;
    this.#bufferEvents = bufferEvents;
    this.#bufferCharacters = bufferCharacters;
    this.#batchEvents = batchEvents;
    this.#backOff = wait;
    this.#clock = clock;
    this.#log = log;
    this.#startedAt = clock();
    this.#pumping = this.#pump();
  }

  head(): Position {
    return this.#seen;
  }

  status(): TailStatus {
    return this.#status;
  }

  lag(position: Position): Lag {
    const ring = this.#ring;
    if (ring === undefined || position >= this.#seen) return { events: 0, ms: 0 };
    const { events, since = this.#startedAt } = ring.waiting(position);
    const ms = Math.max(0, this.#clock() - since);
    return { events: position >= ring.from ? events : Number(this.#seen - position), ms };
  }

  async *follow(after: Position, signal: AbortSignal): AsyncGenerator<LogBatch, void, undefined> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    const wake = (): void => this.#bell.ring();
    ending.addEventListener('abort', wake);
    let cursor = after;
    let told = false;
    try {
      while (!ending.aborted) {
        const { rings } = this.#bell;
        const ring = this.#ring;
        const inRing = ring !== undefined && cursor >= ring.from;
        const ringFrom = ring?.from;
        const decoded = inRing ? ring.after(cursor, this.#batchEvents) : await this.#readStore(cursor, ending);
        if (decoded.length > 0) {
          told = false;
          cursor = decoded.at(-1)!.position;
          yield* batchesOf(decoded);
          // Without it a reader that never really waits would keep the process from everything else.
          await nextTurn();
        } else if (inRing && (!told || ring.to > cursor)) {
          told = true;
          if (ring.to > cursor) cursor = ring.to;
          yield { kind: 'caught-up', position: cursor };
        } else if (!inRing && ringFrom !== undefined) {
          // The ring was this far before the store had nothing to give, so nothing lies in between.
          cursor = ringFrom;
        } else await this.#bell.after(rings);
      }
    } finally {
      ending.removeEventListener('abort', wake);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#pumping;
  }

  /** Reads on after every failure, as long as it takes. */
  async #readStore(after: Position, signal: AbortSignal): Promise<readonly Decoded[]> {
    for (let failures = 0; !signal.aborted;) {
      try {
        const recorded = await this.#events.readLog(after, this.#batchEvents);
        const decoded = recorded.map((event) => decodeRecorded(this.#catalog, event));
        const last = decoded.at(-1)?.position ?? after;
        if (last > this.#seen) this.#seen = last;
        return decoded;
      } catch (error) {
        failures += 1;
        this.#failed(error);
        await this.#wait(failures, signal);
      }
    }
    return [];
  }

  async #pump(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        this.#ring ??= new EventRing(await this.#events.head(), {
          events: this.#bufferEvents,
          characters: this.#bufferCharacters,
        });
        this.#see(this.#ring.to);
        for await (const item of this.#events.subscribe(this.#ring.to, signal)) {
          if (item.kind === 'caught-up') this.#ring.passTo(item.position);
          else {
            this.#ring.push(
              item.events.map((event) => ({
                decoded: decodeRecorded(this.#catalog, event),
                characters: charactersOf(event),
              })),
              this.#clock(),
            );
          }
          failures = 0;
          this.#status = { state: 'live', error: null };
          this.#see(this.#ring.to);
        }
        if (signal.aborted) return;
        throw new Error('The subscription ended by itself');
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#failed(error);
        await this.#wait(failures, signal);
      }
    }
  }

  #see(position: Position): void {
    if (position > this.#seen) this.#seen = position;
    this.#bell.ring();
  }

  #failed(error: unknown): void {
    const name = error instanceof Error ? error.name : typeof error;
    this.#status = { state: 'retrying', error: name };
    this.#log.warn({ error: name }, 'The log could not be read; trying again');
  }

  async #wait(failures: number, signal: AbortSignal): Promise<void> {
    // Rejects only when the signal aborts, which the loops look at themselves.
    await sleep(backOff(this.#backOff, failures), undefined, { signal }).catch(() => undefined);
  }
}

const charactersOf = ({ data }: RecordedEvent): number => {
  const text: string | undefined = JSON.stringify(data);
  return text?.length ?? 0;
};

/** Events in one batch; throws at one that could not be decoded, after those before it. */
export function* batchesOf(decoded: readonly Decoded[]): Generator<LogBatch, void, undefined> {
  const broken = decoded.findIndex((each) => 'error' in each);
  const events = decoded
    .slice(0, broken === -1 ? decoded.length : broken)
    .flatMap((each) => ('event' in each ? [each.event] : []));
  if (events.length > 0) yield { kind: 'events', events };
  const failure = decoded[broken];
  if (failure !== undefined && 'error' in failure) throw failure.error;
}
