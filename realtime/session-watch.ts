import { setTimeout as delay } from 'node:timers/promises';
import { parseStream } from '../domain/ids.ts';
import { CredentialStoreUnavailable } from '../ports/credential-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import { followLog } from '../projections/follow-log.ts';
import { keepListening } from '../projections/keep-listening.ts';
import type { Log } from '../projections/log.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import type { Authenticator, Caller } from '../services/caller.ts';
import { endedSessions, readEnded } from '../services/ended-sessions.ts';
import type { DeviceConnections } from './device-connections.ts';

export interface SessionWatchOptions {
  readonly devices: DeviceConnections;
  readonly authenticator: Pick<Authenticator, 'endingOf' | 'onRevoked'>;
  readonly events: Pick<EventStore, 'head'>;
  readonly tail: LogTail;
  readonly pubSub: Pick<PubSub, 'subscribe'>;
  readonly log: Log;
  /** How often every open socket's session is looked at, in case that all else has failed. */
  readonly sweepMs: number;
}

const retryMs = 1_000;
/** Sessions looked at in a row before others get their turn. */
const atOnce = 8;

/**
 * Closes sockets whose session has ended, wherever it did: other processes say so at once, the log says so of devices
 * that were signed out, and from time to time every session is looked at.
 */
export class SessionWatch implements AsyncDisposable {
  readonly #options: SessionWatchOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #here: Disposable;
  readonly #elsewhere: AsyncDisposable;

  constructor(options: SessionWatchOptions) {
    const { devices, authenticator, pubSub } = options;
    this.#options = options;
    this.#here = authenticator.onRevoked((session, ending) => devices.ended(session, ending));
    this.#elsewhere = keepListening(pubSub, endedSessions, (message) => {
      const { session, ending } = readEnded(message);
      devices.ended(session, ending);
    });
    this.#running = Promise.all([this.#follow(), this.#sweep()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#here[Symbol.dispose]();
    await this.#elsewhere[Symbol.asyncDispose]();
    await this.#running;
  }

  #follow(): Promise<void> {
    const { events, tail, log } = this.#options;
    const onFailed = (error: unknown): void =>
      log.warn({ err: error }, 'Sessions that end elsewhere are not seen at the moment; trying again');
    const { signal } = this.#stop;
    const wanted = (): boolean => false;
    return followLog({ tail, events, signal, retryMs, wanted, onFailed }, (logged) => this.#take(logged));
  }

  async #take({ stream, event }: LoggedEvent): Promise<void> {
    const { devices } = this.#options;
    if (event.type === 'UserErased') devices.erased(parseStream(stream).id);
    if (event.type !== 'DeviceRemoved') return;
    const caller = devices.signedOut({ userId: parseStream(stream).id, deviceId: event.data.deviceId });
    if (caller !== undefined) await this.#check(caller);
  }

  /** It may be a later session of the same device: that one stands. */
  async #check(caller: Caller): Promise<void> {
    const ending = await this.#options.authenticator.endingOf(caller);
    if (ending !== undefined) this.#options.devices.ended(caller, ending);
  }

  async #sweep(): Promise<void> {
    const { devices, sweepMs } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await delay(sweepMs, undefined, { signal, ref: false }).catch(() => undefined);
      try {
        const callers = devices.callers();
        for (let from = 0; from < callers.length && !signal.aborted; from += atOnce) {
          await Promise.all(callers.slice(from, from + atOnce).map((caller) => this.#check(caller)));
        }
      } catch (error) {
        if (!(error instanceof CredentialStoreUnavailable)) throw error;
      }
    }
  }
}
