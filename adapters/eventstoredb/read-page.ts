import type { EventStoreDBClient, ResolvedEvent, AllStreamResolvedEvent, StreamingRead } from '@eventstore/db-client';
import { EventStoreUnavailable, type RecordedEvent } from '../../ports/event-store.ts';
import type { Connection } from './connection.ts';
import { isLostConnection, isOfType, toUnavailable } from './failures.ts';
import { sizeOf, toRecorded } from './recorded.ts';

type Read = StreamingRead<ResolvedEvent> | StreamingRead<AllStreamResolvedEvent>;

/** Bytes of events after which a page ends early. */
const pageBytes = 4 * 1024 * 1024;

export interface Page {
  /** Those that were wanted. */
  readonly events: readonly RecordedEvent[];
  /** Position of the last event read, of whatever kind. */
  readonly last: bigint | undefined;
  /** How many were read. */
  readonly read: number;
  /** The page ended because of its size. */
  readonly isCut: boolean;
}

const nothing: Page = { events: [], last: undefined, read: 0, isCut: false };

interface Reading {
  readonly isWanted: (event: RecordedEvent) => boolean;
  readonly idleMs: number;
  /** Whether the connection was given up meanwhile, and its reads with it. */
  readonly isAbandoned: () => boolean;
}

const collect = (read: Read, { isWanted, idleMs, isAbandoned }: Reading): Promise<Page> =>
  new Promise((resolve, reject) => {
    const events: RecordedEvent[] = [];
    let last: bigint | undefined;
    let count = 0;
    let bytes = 0;
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      settle();
    };
    const timer = setTimeout(() => {
      cancel(read);
      end(() => reject(new HungRead(`No answer within ${idleMs} ms`)));
    }, idleMs);
    read.on('data', (resolved: ResolvedEvent | AllStreamResolvedEvent) => {
      if (isOver) return;
      timer.refresh();
      count += 1;
      last = resolved.event?.position?.commit ?? resolved.commitPosition ?? last;
      const recorded = toRecorded(resolved);
      if (recorded === undefined || !isWanted(recorded)) return;
      events.push(recorded);
      bytes += sizeOf(recorded);
      if (bytes < pageBytes) return;
      cancel(read);
      end(() => resolve({ events, last, read: count, isCut: true }));
    });
    // A failure may follow one that was reported already, so the listener stays.
    read.on('error', (error) => end(() => reject(error)));
    // The client ends a read that it cancels as if all were read: taken for a page it would hide what stands behind.
    const whole = (): void => {
      if (isAbandoned()) reject(new EventStoreUnavailable('The connection was given up during the read'));
      else resolve({ events, last, read: count, isCut: false });
    };
    for (const event of ['end', 'close'] as const) read.on(event, () => end(whole));
  });

/** A read that is left otherwise keeps its place among the 100 that a connection has. */
const cancel = (read: Read): void => {
  read.cancel().catch(() => undefined);
};

/** The server took a read and did not answer it. */
export class HungRead extends EventStoreUnavailable {}

export interface ReaderOptions {
  readonly connection: Connection;
  readonly timeoutMs: number;
  readonly onHung: () => void;
}

/** Reads page by page, each one to its end, so that nothing stays open between two pages. */
export class PageReader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Throws `EventStoreUnavailable`. A stream that does not exist has no events. */
  async page(
    start: (client: EventStoreDBClient) => Read,
    isWanted: (event: RecordedEvent) => boolean = () => true,
  ): Promise<Page> {
    const { connection, timeoutMs, onHung } = this.#options;
    const { client } = connection;
    try {
      const isAbandoned = (): boolean => connection.client !== client;
      return await collect(start(client), { isWanted, idleMs: timeoutMs, isAbandoned });
    } catch (error) {
      if (isOfType(error, 'stream-not-found')) return nothing;
      if (error instanceof HungRead || isLostConnection(error)) connection.replace(client);
      if (error instanceof HungRead) onHung();
      throw toUnavailable('The event log could not be read', error);
    }
  }
}
