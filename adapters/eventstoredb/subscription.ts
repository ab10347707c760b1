import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventStoreUnavailable, type LogItem, type Position } from '../../ports/event-store.ts';
import type { BackOff } from '../back-off.ts';
import { backOff } from './back-off.ts';
import type { Connection } from './connection.ts';
import { isLostConnection, toUnavailable } from './failures.ts';
import { LiveFeed } from './live-feed.ts';

export interface SubscriptionOptions {
  readonly connection: Connection;
  readonly prefixes: readonly string[];
  readonly after: Position;
  /** Ends it without an error. */
  readonly signal: AbortSignal;
  /** Ends it with one: the store is closed. */
  readonly closing: AbortSignal;
  readonly timeoutMs: number;
  readonly backOff: BackOff;
  /** How long it tries to come back before it tells its reader. */
  readonly patienceMs: number;
}

/**
 * The log after a position, over as many subscriptions of the server as it takes: a dropped one is opened again from
 * the last position, and what comes twice is left out. Throws `EventStoreUnavailable` when it stays away.
 */
export async function* followLog(options: SubscriptionOptions): AsyncGenerator<LogItem, void, undefined> {
  const { connection, prefixes, signal, closing, timeoutMs, patienceMs } = options;
  const ending = AbortSignal.any([signal, closing]);
  let position = options.after;
  let marked: Position | undefined;
  let failures = 0;
  let failingSince = 0;
  while (!ending.aborted) {
    const { client } = connection;
    const feed = new LiveFeed({ client, prefixes, after: position, timeoutMs });
    const wake = (): void => feed.wake();
    ending.addEventListener('abort', wake);
    try {
      let isLive = false;
      while (!ending.aborted) {
        if (isLive && marked !== position) {
          // A mark means that nothing more is known, so it waits for what is on its way already.
          await nextTurn();
          if (!feed.hasNews) {
            marked = position;
            yield { kind: 'caught-up', position };
            continue;
          }
        }
        await feed.ready();
        if (ending.aborted || !feed.hasNews) continue;
        failures = 0;
        const { events, checkpoint, isCaughtUp } = feed.take();
        const start = position;
        const fresh = events.filter((event) => event.position > start);
        isLive ||= isCaughtUp;
        if (fresh.length > 0) position = fresh.at(-1)!.position;
        if (checkpoint !== undefined && checkpoint > position) position = checkpoint;
        if (fresh.length > 0) yield { kind: 'events', events: fresh };
      }
    } catch (error) {
      failures += 1;
      if (failures === 1) failingSince = performance.now();
      if (isLostConnection(error) || error instanceof EventStoreUnavailable) connection.replace(client);
      if (performance.now() - failingSince >= patienceMs)
        throw toUnavailable('The subscription cannot be opened', error);
      await backOff(options.backOff, failures, ending);
    } finally {
      ending.removeEventListener('abort', wake);
      feed.close();
    }
  }
  if (!signal.aborted) throw new EventStoreUnavailable('The event store is closed');
}
