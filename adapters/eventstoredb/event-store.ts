import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import { streamPrefixes } from '../../domain/ids.ts';
import {
  beforeLog,
  EventStoreUnavailable,
  noStream,
  RevisionConflict,
  type Appended,
  type EventStore,
  type LogItem,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type Revision,
} from '../../ports/event-store.ts';
import type { BackOff } from '../back-off.ts';
import { Outage } from '../outage.ts';
import { BatchAppends } from './batch-appends.ts';
import { Connection } from './connection.ts';
import { checkPlace, proposeEvents, type ProposedEvent } from './proposed-event.ts';
import { PageReader, type Page } from './read-page.ts';
import { followLog } from './subscription.ts';

export interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…`. */
  readonly url: string;
  /** Streams whose names start otherwise are none of ours: the log leaves them out. */
  readonly prefixes?: readonly string[];
  /** How long a call may go without an answer. */
  readonly timeoutMs?: number;
  /** Waiting times before a dropped subscription is opened again. */
  readonly backOff?: BackOff;
  /** How long a subscription tries to come back before its reader is told. */
  readonly patienceMs?: number;
}

const pageEvents = 500;
/** Who reads a stream often wants its newest few only, so that the first page is small, and each next one larger. */
const firstPageEvents = 32;
const pageGrowth = 4;
const mostPageEvents = 4_096;

const nextPage = (events: number): number => Math.min(events * pageGrowth, pageEvents);

/**
 * The event log in EventStoreDB 23.10 or newer. Appends, reads and subscriptions have a connection each, so that none
 * can take the others' room. Streams must not be deleted or truncated by anybody.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly #prefixes: readonly string[];
  readonly #timeoutMs: number;
  readonly #following: { readonly backOff: BackOff; readonly patienceMs: number };
  readonly #appending: Connection;
  readonly #reading: Connection;
  readonly #subscribing: Connection;
  readonly #appends: BatchAppends;
  readonly #reader: PageReader;
  readonly #outage: Outage;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor({
    url,
    prefixes = streamPrefixes,
    timeoutMs = 5_000,
    backOff = { firstMs: 50, mostMs: 2_000 },
    patienceMs = 2_000,
  }: EventStoreDbOptions) {
    this.#prefixes = prefixes;
    this.#timeoutMs = timeoutMs;
    this.#following = { backOff, patienceMs };
    this.#appending = new Connection(url);
    this.#reading = new Connection(url);
    this.#subscribing = new Connection(url);
    const onHung = (): void => this.#outage.begin();
    this.#appends = new BatchAppends({ connection: this.#appending, timeoutMs, onHung });
    this.#reader = new PageReader({ connection: this.#reading, timeoutMs, onHung });
    this.#outage = new Outage({
      everyMs: Math.min(500, timeoutMs),
      probe: () =>
        this.#reader.page((client) => client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })),
    });
  }

  async append(stream: string, events: readonly NewEvent[], expected: Revision): Promise<Appended> {
    const proposed = proposeEvents(events);
    checkPlace(stream, expected, this.#prefixes);
    this.#check();
    return await this.#track(this.#append(stream, proposed, expected));
  }

  async *readStream(
    stream: string,
    { after = noStream }: { readonly after?: Revision } = {},
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    let from = after + 1;
    for (let maxCount = firstPageEvents; ; maxCount = nextPage(maxCount)) {
      const { events, isCut, read } = await this.#streamPage(stream, from, maxCount);
      yield* events;
      if (!isCut && read < maxCount) return;
      from = events.at(-1)!.revision + 1;
    }
  }

  async *readStreamBackwards(
    stream: string,
    { before }: { readonly before?: Revision } = {},
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    let until = before;
    for (let maxCount = firstPageEvents; until === undefined || until > 0; maxCount = nextPage(maxCount)) {
      const fromRevision = until === undefined ? END : BigInt(until - 1);
      const options = { direction: BACKWARDS, fromRevision, maxCount, requiresLeader: true } as const;
      const { events, isCut, read } = await this.#page((client) => client.readStream(stream, options));
      yield* events;
      if (!isCut && read < maxCount) return;
      until = events.at(-1)!.revision;
    }
  }

  async readLog(after: Position, limit: number): Promise<readonly RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    let position = after;
    while (found.length < limit) {
      // The read starts at the position itself, so one event more is asked for.
      const maxCount = Math.min(limit - found.length + 1, mostPageEvents);
      const fromPosition = position === beforeLog ? START : { commit: position, prepare: position };
      const start = position;
      const { events, last, isCut, read } = await this.#page(
        (client) => client.readAll({ direction: FORWARDS, fromPosition, maxCount, requiresLeader: true }),
        (event) => event.position > start && this.#isOurs(event),
      );
      found.push(...events);
      if (last === undefined || (!isCut && read < maxCount)) break;
      position = last;
    }
    return found.slice(0, limit);
  }

  async head(): Promise<Position> {
    let before: Position | undefined;
    for (let maxCount = 1; ; maxCount = Math.min(maxCount * 8, mostPageEvents)) {
      const fromPosition = before === undefined ? END : { commit: before, prepare: before };
      const { events, last, isCut, read } = await this.#page(
        (client) => client.readAll({ direction: BACKWARDS, fromPosition, maxCount, requiresLeader: true }),
        (event) => this.#isOurs(event),
      );
      if (events.length > 0) return events[0]!.position;
      if (last === undefined || (!isCut && read < maxCount)) return beforeLog;
      before = last;
    }
  }

  subscribe(after: Position, signal: AbortSignal): AsyncGenerator<LogItem, void, undefined> {
    return followLog({
      ...this.#following,
      connection: this.#subscribing,
      prefixes: this.#prefixes,
      timeoutMs: this.#timeoutMs,
      after,
      signal,
      closing: this.#closing.signal,
    });
  }

  /** Waits for the appends and reads that are under way, then closes. Subscriptions that are not aborted fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.allSettled(this.#inFlight);
    await this.#outage[Symbol.asyncDispose]();
    const connections = [this.#appending, this.#reading, this.#subscribing];
    await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
  }

  async #append(stream: string, events: readonly ProposedEvent[], expected: Revision): Promise<Appended> {
    const answer = await this.#appends.append(stream, events, expected);
    if (answer.kind === 'appended') return answer.appended;
    if (answer.kind === 'failed') throw new EventStoreUnavailable(`An append failed: ${answer.reason}`);
    if (answer.kind === 'too-large') throw new RangeError(`An append may hold ${answer.most} bytes of data`);
    const mayBeRepeat = answer.actual >= expected + events.length;
    const earlier = mayBeRepeat ? await this.#earlier(stream, events, expected) : undefined;
    if (earlier === undefined) throw new RevisionConflict(stream, expected);
    return earlier;
  }

  /** The outcome of the same append done before: the same ids stand right after `expected`. */
  async #earlier(stream: string, events: readonly ProposedEvent[], expected: Revision): Promise<Appended | undefined> {
    const { events: stored } = await this.#streamPage(stream, expected + 1, events.length);
    const isRepeat = stored.length === events.length && events.every(({ id }, i) => stored[i]!.id === id);
    if (!isRepeat) return undefined;
    const { revision, position } = stored.at(-1)!;
    return { revision, position };
  }

  #streamPage(stream: string, from: Revision, maxCount: number): Promise<Page> {
    return this.#page((client) =>
      client.readStream(stream, { fromRevision: BigInt(from), maxCount, requiresLeader: true }),
    );
  }

  async #page(...read: Parameters<PageReader['page']>): Promise<Page> {
    this.#check();
    return await this.#track(this.#reader.page(...read));
  }

  #isOurs({ stream }: RecordedEvent): boolean {
    return this.#prefixes.some((prefix) => stream.startsWith(prefix));
  }

  #check(): void {
    if (this.#closing.signal.aborted) throw new EventStoreUnavailable('The event store is closed');
    if (this.#outage.isNow) throw new EventStoreUnavailable('The event store does not answer');
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    try {
      return await work;
    } finally {
      this.#inFlight.delete(work);
    }
  }
}
