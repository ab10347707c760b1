import type { PubSub } from '../ports/pub-sub.ts';
import { PresenceUnavailable } from '../ports/presence.ts';
import type { Position } from '../ports/event-store.ts';
import { invalid } from '../services/problems.ts';
import type { PresenceService } from '../services/presence.ts';
import type { Log } from '../projections/log.ts';
import type { RealtimeSettings } from './settings.ts';
import { keepListening } from '../projections/keep-listening.ts';
import { WatchedUser, type Watcher } from './watched-user.ts';

export interface WatchesOptions {
  readonly service: Pick<PresenceService, 'presenceOf' | 'visibleTo'>;
  readonly pubSub: PubSub;
  readonly settings: Pick<RealtimeSettings, 'onlineAfterMs' | 'lookAgainMs' | 'sweepMs' | 'maxWatched'>;
  readonly log: Log;
}

interface Entry {
  readonly user: WatchedUser;
  readonly listening: AsyncDisposable;
}

const atOnce = 500;
const channelOf = (userId: string): string => `presence/${userId}`;

/**
 * The users that sockets of this node watch. Pub/sub only says of whom it is time to look; how he is is always what
 * presence says then, so that messages may come late, twice or in another order. A lost one is made good when what was
 * found has run out.
 */
export class Watches implements AsyncDisposable {
  readonly #options: WatchesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #due = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  /** What a watcher may see is found out one after another, so that the last answer is the newest. */
  readonly #judging = new Map<Watcher, Promise<void>>();

  constructor(options: WatchesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#sweep(), options.settings.sweepMs).unref();
  }

  /** Tells every node, this one too, that it is time to look at this user. */
  async changed(userId: string): Promise<void> {
    await this.#options.pubSub.publish(channelOf(userId), '');
  }

  /** Resolves once the watcher was told how each is. Throws `request/invalid` where he would watch too many. */
  async watch(watcher: Watcher, userIds: readonly string[]): Promise<void> {
    const added = [...new Set(userIds)].filter((userId) => !watcher.watched.has(userId));
    const { maxWatched } = this.#options.settings;
    if (watcher.watched.size + added.length > maxWatched) {
      throw invalid('frame.userIds', `must make no more than ${maxWatched} watched users in all`);
    }
    for (const userId of added) {
      watcher.watched.add(userId);
      this.#entryOf(userId).user.watchers.set(watcher, { isVisible: undefined, last: undefined });
    }
    try {
      await this.#judge(watcher, added);
      await this.#look(added);
    } catch (error) {
      this.unwatch(watcher, added);
      throw error;
    }
  }

  unwatch(watcher: Watcher, userIds: Iterable<string> = [...watcher.watched]): void {
    for (const userId of userIds) {
      if (!watcher.watched.delete(userId)) continue;
      const entry = this.#entries.get(userId);
      entry?.user.watchers.delete(watcher);
      if (entry?.user.watchers.size === 0) {
        this.#entries.delete(userId);
        void entry.listening[Symbol.asyncDispose]();
      }
    }
  }

  /** Whether anybody here watches the user. */
  isWatched(userId: string): boolean {
    return this.#entries.has(userId);
  }

  /** Finds out again who may see the user: all who watch him, or one of them. What hides him hides him at once. */
  async judgeAgain(userId: string, after: Position, viewerId?: string, hides = false): Promise<void> {
    const user = this.#entries.get(userId)?.user;
    if (user === undefined) return;
    const concerned = [...user.watchers.keys()].filter((one) => viewerId === undefined || one.userId === viewerId);
    if (hides) for (const watcher of concerned) user.shownTo(watcher, false);
    await Promise.all(concerned.map((watcher) => this.#judge(watcher, [userId], after)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const listening = [...this.#entries.values()].map((entry) => entry.listening);
    this.#entries.clear();
    await Promise.all(listening.map((one) => one[Symbol.asyncDispose]()));
    // Whoever asked for a look that fails is told.
    await Promise.allSettled([this.#looking, ...this.#judging.values()]);
  }

  #entryOf(userId: string): Entry {
    return this.#entries.getOrInsertComputed(userId, () => {
      const look = (): void => this.#lookSoon([userId]);
      // What changed before the subscription began is seen by the look that comes with it.
      const listening = keepListening(this.#options.pubSub, channelOf(userId), look, look);
      return { user: new WatchedUser(userId), listening };
    });
  }

  #judge(watcher: Watcher, userIds: readonly string[], after?: Position): Promise<void> {
    const before = this.#judging.get(watcher) ?? Promise.resolve();
    const judged = before.then(async () => {
      const visible = await this.#options.service.visibleTo(watcher.userId, userIds, after);
      for (const userId of userIds) this.#entries.get(userId)?.user.shownTo(watcher, visible.has(userId));
    });
    const settled = judged
      .catch(() => {})
      .then(() => {
        if (this.#judging.get(watcher) === settled) this.#judging.delete(watcher);
      });
    this.#judging.set(watcher, settled);
    return judged;
  }

  /** Resolves once all of these were looked at after the call. */
  async #look(userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) this.#due.add(userId);
    while (userIds.some((userId) => this.#due.has(userId))) {
      this.#looking ??= this.#lookAtDue().finally(() => {
        this.#looking = undefined;
      });
      await this.#looking;
    }
    await this.#looking;
  }

  #lookSoon(userIds: readonly string[]): void {
    this.#look(userIds).catch((error: unknown) => {
      // The adapter tells of an outage, and it is looked again.
      if (!(error instanceof PresenceUnavailable)) this.#options.log.warn({ err: error }, 'A look at presence failed');
    });
  }

  async #lookAtDue(): Promise<void> {
    // A moment later, so that what comes together is looked at together.
    await Promise.resolve();
    const userIds = [...this.#due].slice(0, atOnce);
    for (const userId of userIds) this.#due.delete(userId);
    const { service, settings } = this.#options;
    const watched = userIds.filter((userId) => this.#entries.has(userId));
    if (watched.length === 0) return;
    try {
      const found = await service.presenceOf(watched);
      const now = performance.now();
      for (const [userId, presence] of found) this.#entries.get(userId)?.user.found(presence, now, settings);
    } catch (error) {
      for (const userId of watched) this.#put(userId, performance.now() + settings.onlineAfterMs);
      throw error;
    }
  }

  #put(userId: string, lookAt: number): void {
    const entry = this.#entries.get(userId);
    if (entry) entry.user.lookAt = lookAt;
  }

  #sweep(): void {
    const now = performance.now();
    const due = [...this.#entries.values()].filter(({ user }) => user.lookAt > 0 && user.lookAt <= now);
    if (due.length === 0) return;
    this.#lookSoon(due.map(({ user }) => user.userId));
  }
}
