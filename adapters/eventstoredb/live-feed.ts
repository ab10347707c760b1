import {
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { beforeLog, EventStoreUnavailable, type Position, type RecordedEvent } from '../../ports/event-store.ts';
import { sizeOf, toRecorded } from './recorded.ts';

/** Events scanned between two checkpoints, whether they are ours or not. */
const checkpointEvents = 500;
/** What is held for a slow reader; the rest waits in the server. */
const mostEvents = 500;
const mostBytes = 4 * 1024 * 1024;

export interface LiveFeedOptions {
  readonly client: EventStoreDBClient;
  readonly prefixes: readonly string[];
  readonly after: Position;
  readonly timeoutMs: number;
}

/** What lies ready to be taken: events first, then how far everything is known. */
export interface Taken {
  readonly events: readonly RecordedEvent[];
  /** Everything up to here was seen, if that is further than the last event. */
  readonly checkpoint: Position | undefined;
  /** The server had nothing more at this point. */
  readonly isCaughtUp: boolean;
}

/** A mark that the client reports ahead of the events which still wait in its own buffer. */
interface Mark {
  readonly afterEvents: number;
  readonly checkpoint: Position | undefined;
}

/**
 * One subscription of the server, until it ends. Marks are put back into their place among the events; the buffer is
 * bounded by pausing the subscription.
 */
export class LiveFeed {
  readonly #subscription: AllStreamSubscription;
  readonly #timer: NodeJS.Timeout;
  #events: RecordedEvent[] = [];
  #bytes = 0;
  #received = 0;
  #marks: Mark[] = [];
  #failure: Error | undefined;
  #wakeUp: (() => void) | undefined;

  constructor({ client, prefixes, after, timeoutMs }: LiveFeedOptions) {
    const filter = streamNameFilter({
      prefixes: [...prefixes],
      maxSearchWindow: checkpointEvents,
      checkpointInterval: 1,
      checkpointReached: (_, { commit }) => this.#mark(commit),
    });
    const fromPosition = after === beforeLog ? START : { commit: after, prepare: after };
    this.#subscription = client.subscribeToAll({ fromPosition, filter });
    this.#timer = setTimeout(() => this.#fail(new EventStoreUnavailable('No subscription in time')), timeoutMs);
    this.#subscription
      .on('confirmation', () => clearTimeout(this.#timer))
      .on('caughtUp', () => this.#mark(undefined))
      .on('data', (resolved) => this.#receive(resolved))
      .on('error', (error) => this.#fail(error))
      .on('end', () => this.#fail(new Error('The server ended the subscription')));
  }

  get hasNews(): boolean {
    return this.#events.length > 0 || this.#marks.some(({ afterEvents }) => afterEvents <= this.#received);
  }

  /** Resolves when there is something to take, or by `wake`. Throws once it has failed and all of it was taken. */
  async ready(): Promise<void> {
    if (this.hasNews) return;
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wakeUp = resolve;
    });
  }

  wake(): void {
    this.#wakeUp?.();
    this.#wakeUp = undefined;
  }

  take(): Taken {
    const events = this.#events;
    const given = this.#received;
    this.#events = [];
    this.#bytes = 0;
    const due = this.#marks.filter(({ afterEvents }) => afterEvents <= given);
    this.#marks = this.#marks.filter(({ afterEvents }) => afterEvents > given);
    if (this.#subscription.isPaused()) this.#subscription.resume();
    return {
      events,
      checkpoint: due.findLast(({ checkpoint }) => checkpoint !== undefined)?.checkpoint,
      isCaughtUp: due.some(({ checkpoint }) => checkpoint === undefined),
    };
  }

  /** Ends it on the server too; left otherwise it would keep its place among the 100 that a connection has. */
  close(): void {
    clearTimeout(this.#timer);
    this.#subscription.unsubscribe().catch(() => undefined);
    // What the client still holds must not stand in the way of its end.
    this.#subscription.removeAllListeners('data').resume();
  }

  #receive(resolved: AllStreamResolvedEvent): void {
    this.#received += 1;
    const recorded = toRecorded(resolved);
    if (recorded !== undefined) {
      this.#events.push(recorded);
      this.#bytes += sizeOf(recorded);
    }
    if (this.#events.length >= mostEvents || this.#bytes >= mostBytes) this.#subscription.pause();
    this.wake();
  }

  #mark(checkpoint: Position | undefined): void {
    this.#marks.push({ afterEvents: this.#received + this.#subscription.readableLength, checkpoint });
    this.wake();
  }

  #fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#failure ??= error;
    this.wake();
  }
}
