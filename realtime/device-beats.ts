import { randomUUID } from 'node:crypto';
import { timestamp } from '../ports/clock.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import { PresenceUnavailable, type Presence, type PresentDevice } from '../ports/presence.ts';
import type { Log } from '../projections/log.ts';
import type { Caller } from '../services/caller.ts';
import type { Connection, Ended } from './connection.ts';
import { closeCode } from './protocol.ts';
import type { RealtimeSettings } from './settings.ts';

export interface DeviceBeatsOptions {
  readonly presence: Pick<Presence, 'say' | 'leave'>;
  readonly credentials: Pick<CredentialStore, 'touchAll'>;
  readonly settings: Pick<RealtimeSettings, 'beatMs' | 'touchMs' | 'sweepMs'>;
  /** Tells every node that this user is to be looked at. */
  readonly changed: (userId: string) => void;
  readonly log: Log;
}

interface Beating {
  readonly caller: Caller;
  readonly connectionId: string;
  state: PresentDevice['state'];
  beatAt: number;
  touchAt: number;
}

const atOnce = 500;

/** Who closes a socket in good order, is signed out, or was silent is gone at once; who just breaks off may come back. */
const isGone = ({ code, byClient }: Ended): boolean =>
  byClient
    ? code === 1000 || code === 1001 || code === 1005
    : code === closeCode.revoked || code === closeCode.silent || code === closeCode.unauthenticated;

/** Says of the devices that are connected here that they are there, again and again, many in one go. */
export class DeviceBeats implements AsyncDisposable {
  readonly #options: DeviceBeatsOptions;
  readonly #beating = new Map<Connection, Beating>();
  readonly #timer: NodeJS.Timeout;
  readonly #pending = new Set<Promise<void>>();
  readonly #ended = new Set<string>();

  constructor(options: DeviceBeatsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sweep(), options.settings.sweepMs).unref();
  }

  /** From now on until the connection ends. */
  add(caller: Caller, connection: Connection): void {
    if (connection.isClosed) return;
    const now = performance.now();
    const { settings } = this.#options;
    const touchAt = now + settings.touchMs * (0.5 + Math.random() / 2);
    const beating: Beating = { caller, connectionId: randomUUID(), state: 'online', beatAt: now, touchAt };
    this.#beating.set(connection, beating);
    void connection.whenEnded.then((ended) => this.#remove(connection, beating, ended));
    this.#beat([beating]);
  }

  away(connection: Connection, isAway: boolean): void {
    const beating = this.#beating.get(connection);
    const state = isAway ? 'away' : 'online';
    if (beating === undefined || beating.state === state) return;
    beating.state = state;
    this.#beat([beating]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#touch();
    await Promise.all(this.#pending);
  }

  #remove(connection: Connection, { caller, connectionId }: Beating, ended: Ended): void {
    this.#beating.delete(connection);
    this.#ended.add(caller.sessionId);
    if (!isGone(ended)) return;
    const { userId, deviceId } = caller;
    this.#run(async () => {
      if (await this.#options.presence.leave({ userId, deviceId, connectionId })) this.#options.changed(userId);
    });
  }

  #sweep(): void {
    const now = performance.now();
    const { settings } = this.#options;
    const due = [...this.#beating.values()].filter(({ beatAt }) => beatAt <= now);
    for (let from = 0; from < due.length; from += atOnce) this.#beat(due.slice(from, from + atOnce));
    for (const beating of this.#beating.values()) {
      if (beating.touchAt > now) continue;
      beating.touchAt = now + settings.touchMs;
      this.#ended.add(beating.caller.sessionId);
    }
    this.#touch();
  }

  #beat(some: readonly Beating[]): void {
    const beatAt = performance.now() + this.#options.settings.beatMs;
    const devices = some.map((beating): PresentDevice => {
      beating.beatAt = beatAt;
      const { caller, connectionId, state } = beating;
      return { userId: caller.userId, deviceId: caller.deviceId, connectionId, state };
    });
    this.#run(async () => {
      for (const userId of await this.#options.presence.say(devices)) this.#options.changed(userId);
    });
  }

  /** Sessions know when they were last seen, in case presence forgets it. */
  #touch(): void {
    if (this.#ended.size === 0) return;
    const sessionIds = [...this.#ended];
    this.#ended.clear();
    this.#run(() => this.#options.credentials.touchAll(sessionIds, timestamp(Date.now)));
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        // The adapter tells of an outage, and the next beat heals it.
        if (!(error instanceof PresenceUnavailable)) this.#options.log.warn({ err: error }, 'A beat failed');
      })
      .finally(() => this.#pending.delete(running));
    this.#pending.add(running);
  }
}
