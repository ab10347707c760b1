import type { Log } from '../projections/log.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import { PubSubUnavailable, type PubSub } from '../ports/pub-sub.ts';
import type { Presence } from '../ports/presence.ts';
import type { Caller } from '../services/caller.ts';
import type { PresenceService } from '../services/presence.ts';
import type { Connection } from './connection.ts';
import { DeviceBeats } from './device-beats.ts';
import { followPresenceChanges } from './presence-changes.ts';
import type { RealtimeSettings } from './settings.ts';
import type { Watcher } from './watched-user.ts';
import { Watches } from './watches.ts';

export interface RealtimePresenceOptions {
  readonly presence: Presence;
  readonly service: PresenceService;
  readonly pubSub: PubSub;
  readonly credentials: Pick<CredentialStore, 'touchAll'>;
  readonly tail: LogTail;
  readonly events: Pick<EventStore, 'head'>;
  readonly settings: RealtimeSettings;
  readonly log: Log;
}

/** What the sockets of this node say of themselves, and what they want to know of others. */
export class RealtimePresence implements AsyncDisposable {
  readonly watches: Watches;
  readonly #beats: DeviceBeats;
  readonly #changes: AsyncDisposable;

  constructor(options: RealtimePresenceOptions) {
    const { presence, credentials, settings, log } = options;
    const watches = new Watches(options);
    this.watches = watches;
    this.#changes = followPresenceChanges({ ...options, watches });
    const changed = (userId: string): void => {
      watches.changed(userId).catch((error: unknown) => {
        // Whoever watches him looks again by himself.
        if (!(error instanceof PubSubUnavailable)) log.warn({ err: error }, 'A change of presence was not told');
      });
    };
    this.#beats = new DeviceBeats({ presence, credentials, settings, log, changed });
  }

  /** The device is there while its connection is. What is returned watches others, for as long. */
  connected(caller: Caller, connection: Connection): Watcher {
    const watcher: Watcher = {
      userId: caller.userId,
      watched: new Set(),
      tell: (frame) => connection.send(frame),
    };
    this.#beats.add(caller, connection);
    void connection.whenEnded.then(() => this.watches.unwatch(watcher));
    return watcher;
  }

  away(connection: Connection, isAway: boolean): void {
    this.#beats.away(connection, isAway);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#beats[Symbol.asyncDispose]();
    await this.#changes[Symbol.asyncDispose]();
    await this.watches[Symbol.asyncDispose]();
  }
}
