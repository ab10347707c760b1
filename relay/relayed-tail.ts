import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Catalog } from '../domain/catalog.ts';
import { parseStream } from '../domain/ids.ts';
import { beforeLog, type EventStore, type Position } from '../ports/event-store.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import { Bell } from '../projections/bell.ts';
import { keepListening } from '../projections/keep-listening.ts';
import { silent, type Log } from '../projections/log.ts';
import {
  batchesOf,
  createLogTail,
  type Lag,
  type LogBatch,
  type LogTail,
  type TailStatus,
  type Wanted,
} from '../projections/log-tail.ts';
import { Contents } from './contents.ts';
import { MarkBook } from './mark-book.ts';
import { decodeMark, type Entry } from './messages.ts';
import { patienceMs as defaultPatienceMs, relayShards } from './settings.ts';
import { channels } from './topics.ts';

export interface RelayedTailOptions {
  readonly events: EventStore;
  readonly catalog: Catalog;
  readonly pubSub: PubSub;
  readonly log?: Log | undefined;
  readonly patienceMs?: number;
  readonly sweepMs?: number;
}

/** How this process gets to know of events, and what it had to make good. */
export interface RelayedTailStatus {
  /** Relays are heard, and the log is not read here. */
  readonly isRelayed: boolean;
  /** Conversations whose events are published to this process. */
  readonly conversations: number;
  /** Marks that did not follow the one before: something in between was lost, and read from the log. */
  readonly gaps: number;
  /** Events whose content did not come, and was read from their streams. */
  readonly repairs: number;
}

const batchEvents = 256;
const keptEntries = 16_384;

/**
 * The log as relays publish it. Each follower gets what it wants, in log order, without this process reading the log:
 * marks say which events there are, channels bring those that are wanted, and what a channel has lost is read from its
 * stream. Where marks are missing, and while no relay is heard, followers read the log itself until both meet again.
 */
export class RelayedTail implements LogTail {
  readonly #options: RelayedTailOptions;
  readonly #log: Log;
  readonly #book: MarkBook;
  readonly #contents: Contents;
  readonly #marks: AsyncDisposable;
  readonly #watching: NodeJS.Timeout;
  readonly #closing = new AbortController();
  readonly #bell = new Bell();
  readonly #wanted = new Set<Wanted>();
  /** Those who read the log itself look here whether they still need to. */
  readonly #direct = new Set<() => void>();
  #directTail: LogTail | undefined;
  #closed: Promise<void> = Promise.resolve();
  #seen = beforeLog;
  #isLive = false;
  #gaps = 0;
  #uses = 0;
  /** Held while not every relay is heard, so that it is known how far the log is. */
  #ownUse: Disposable;

  constructor(options: RelayedTailOptions) {
    const { events, catalog, pubSub, log = silent, patienceMs = defaultPatienceMs, sweepMs = 60_000 } = options;
    this.#options = options;
    this.#log = log;
    this.#book = new MarkBook({ shards: relayShards, patienceMs, keptEntries });
    const isWanted: Wanted = (conversationId) => this.#wanted.values().some((wanted) => wanted(conversationId));
    this.#contents = new Contents({ events, catalog, pubSub, log, isWanted, sweepMs });
    this.#ownUse = this.#useDirect();
    this.#marks = keepListening(pubSub, channels.marks, (text) => this.#hear(text));
    this.#watching = setInterval(() => this.#look(), patienceMs / 4).unref();
  }

  head(): Position {
    const direct = this.#directTail?.head() ?? beforeLog;
    if (direct > this.#seen) this.#seen = direct;
    return this.#seen;
  }

  lag(position: Position): Lag {
    if (position >= this.head()) return { events: 0, ms: 0 };
    if (this.#directTail !== undefined) return this.#directTail.lag(position);
    const { events, since } = this.#book.waiting(position);
    return { events, ms: since === undefined ? 0 : performance.now() - since };
  }

  status(): TailStatus {
    return this.#directTail?.status() ?? { state: 'live', error: null };
  }

  relayed(): RelayedTailStatus {
    const { subscribed: conversations, repairs } = this.#contents;
    return { isRelayed: this.#isLive && this.#direct.size === 0, conversations, gaps: this.#gaps, repairs };
  }

  follow(after: Position, signal: AbortSignal, wanted?: Wanted): AsyncGenerator<LogBatch, void, undefined> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    return wanted === undefined ? this.#followAll(after, ending) : this.#followWanted(after, ending, wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#watching);
    if (!this.#isLive) this.#ownUse[Symbol.dispose]();
    await this.#marks[Symbol.asyncDispose]();
    await this.#contents[Symbol.asyncDispose]();
    await this.#directTail?.[Symbol.asyncDispose]();
    await this.#closed;
  }

  async *#followWanted(
    after: Position,
    ending: AbortSignal,
    wanted: Wanted,
  ): AsyncGenerator<LogBatch, void, undefined> {
    const covers = (position: Position): boolean => this.#book.covers(position, performance.now());
    const wake = (): void => this.#bell.ring();
    ending.addEventListener('abort', wake);
    this.#wanted.add(wanted);
    let cursor = after;
    let told: Position | undefined;
    try {
      while (!ending.aborted) {
        const { rings } = this.#bell;
        if (!covers(cursor)) {
          for await (const batch of this.#followDirectly(cursor, ending, covers)) {
            cursor = endOf(batch) ?? cursor;
            yield batch;
          }
          continue;
        }
        const { to } = this.#book;
        if (to === cursor && told === cursor) {
          await this.#bell.after(rings);
          continue;
        }
        const { chosen, leftOut, end } = choose(this.#book.after(cursor), wanted, to);
        const decoded = await this.#contents.of(chosen, ending);
        if (ending.aborted) break;
        cursor = end;
        for (const batch of batchesOf(decoded)) yield { ...batch, leftOut };
        if (cursor === to) {
          told = cursor;
          yield { kind: 'passed', position: cursor, leftOut };
        }
        // Without it a reader that never really waits would keep the process from everything else.
        await nextTurn();
      }
    } finally {
      this.#wanted.delete(wanted);
      ending.removeEventListener('abort', wake);
    }
  }

  async *#followAll(after: Position, signal: AbortSignal): AsyncGenerator<LogBatch, void, undefined> {
    using use = this.#useDirect();
    yield* use.tail.follow(after, signal);
  }

  /** From the log itself, until what the relays say covers the position that the follower has reached. */
  async *#followDirectly(
    after: Position,
    signal: AbortSignal,
    isCovered: (position: Position) => boolean,
  ): AsyncGenerator<LogBatch, void, undefined> {
    using use = this.#useDirect();
    const leaving = new AbortController();
    let position = after;
    const look = (): void => {
      if (isCovered(position)) leaving.abort();
    };
    this.#direct.add(look);
    try {
      for await (const batch of use.tail.follow(position, AbortSignal.any([signal, leaving.signal]))) {
        position = endOf(batch) ?? position;
        yield batch;
        look();
      }
    } finally {
      this.#direct.delete(look);
    }
  }

  /** The log is read here while anybody uses it, and while no relay says how far it is. */
  #useDirect(): { readonly tail: LogTail } & Disposable {
    const { events, catalog, log } = this.#options;
    this.#uses += 1;
    const tail = (this.#directTail ??= createLogTail({ events, catalog, log }));
    return {
      tail,
      [Symbol.dispose]: () => {
        this.#uses -= 1;
        if (this.#uses > 0) return;
        this.#seen = this.head();
        this.#directTail = undefined;
        this.#closed = Promise.all([this.#closed, tail[Symbol.asyncDispose]()]).then(() => undefined);
      },
    };
  }

  #hear(text: string): void {
    const mark = decodeMark(text);
    if (this.#book.add(mark, performance.now())) this.#gaps += 1;
    if (mark.position > this.#seen) this.#seen = mark.position;
    this.#look();
  }

  #look(): void {
    const isLive = this.#book.isLive(performance.now());
    if (isLive !== this.#isLive) {
      this.#isLive = isLive;
      if (isLive) this.#ownUse[Symbol.dispose]();
      else this.#ownUse = this.#useDirect();
      if (isLive) this.#log.info({}, 'Relays are heard: this process takes events from them');
      else this.#log.warn({}, 'Not all relays are heard: this process reads the log itself');
    }
    for (const look of this.#direct) look();
    this.#bell.ring();
  }
}

interface Choice {
  readonly chosen: readonly Entry[];
  readonly leftOut: ReadonlySet<string>;
  /** What comes after is for the next batch. */
  readonly end: Position;
}

/** Of these entries, which reach up to `to`, as many as make a batch; it ends where an event may change what is wanted. */
const choose = (entries: readonly Entry[], wanted: Wanted, to: Position): Choice => {
  const chosen: Entry[] = [];
  const leftOut = new Set<string>();
  for (const entry of entries) {
    const { category, id } = parseStream(entry.stream);
    const isForAll = entry.audience === 'all';
    if (!isForAll && !wanted(id)) {
      leftOut.add(id);
      continue;
    }
    chosen.push(entry);
    if ((isForAll && category === 'conversation') || chosen.length === batchEvents) {
      return { chosen, leftOut, end: entry.position };
    }
  }
  return { chosen, leftOut, end: to };
};

/** How far events have brought a follower; relays know of no other places in the log. */
const endOf = (batch: LogBatch): Position | undefined =>
  batch.kind === 'events' ? batch.events.at(-1)!.position : undefined;
