import type { UserPresence } from '../ports/presence.ts';
import { presenceView } from '../services/presence.ts';
import { serialise } from './frame.ts';

/** A socket that watches users. */
export interface Watcher {
  readonly userId: string;
  readonly watched: Set<string>;
  tell(frame: Buffer): void;
}

interface Told {
  /** Whether he may know; undefined until that is found out. */
  isVisible: boolean | undefined;
  /** The last frame, as text; undefined before the first. */
  last: string | undefined;
}

/** One user that sockets of this node watch, and what each of them was told. */
export class WatchedUser {
  readonly userId: string;
  readonly watchers = new Map<Watcher, Told>();
  /** When he is looked at next, if nothing is heard of him before. */
  lookAt = 0;
  #shown: UserPresence | undefined;
  #onlineSince: number | undefined;

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Takes what was found, and tells it: at once, but for his coming online, which must last first. */
  found(presence: UserPresence, now: number, { onlineAfterMs, lookAgainMs }: Timing): void {
    const { state, expiresInMs } = presence;
    this.lookAt = now + Math.min(expiresInMs ?? lookAgainMs, lookAgainMs);
    if (state === 'offline') this.#onlineSince = undefined;
    else this.#onlineSince ??= now;
    const wasOffline = this.#shown?.state === 'offline';
    if (wasOffline && this.#onlineSince !== undefined && now < this.#onlineSince + onlineAfterMs) {
      this.lookAt = Math.min(this.lookAt, this.#onlineSince + onlineAfterMs);
      return;
    }
    this.#shown = presence;
    for (const watcher of this.watchers.keys()) this.tell(watcher);
  }

  /** Whether these may know how he is, from now on. */
  shownTo(watcher: Watcher, isVisible: boolean): void {
    const told = this.watchers.get(watcher);
    if (told === undefined) return;
    told.isVisible = isVisible;
    this.tell(watcher);
  }

  /** Tells a watcher what he may know, unless he was told just that. */
  tell(watcher: Watcher): void {
    const told = this.watchers.get(watcher);
    if (told?.isVisible === undefined || this.#shown === undefined) return;
    const view = presenceView(this.userId, this.#shown, told.isVisible);
    const text = JSON.stringify(view);
    if (told.last === text) return;
    told.last = text;
    watcher.tell(serialise({ type: 'presence', ...view }));
  }
}

export interface Timing {
  readonly onlineAfterMs: number;
  readonly lookAgainMs: number;
}
