import type { FeedItem } from '../../schemas/conversation.ts';
import { isGone } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Copies } from './copies.ts';
import type { Fetch } from './fetch.ts';
import type { History } from './history.ts';
import { refreshed } from './resync.ts';

export interface RefresherOptions {
  readonly platform: Pick<Platform, 'after'>;
  readonly fetch: Fetch;
  readonly copies: Copies;
  readonly history: History;
  readonly position: () => string | undefined;
  /** A synchronisation is on its way, which does what this would. */
  readonly isHeld: () => boolean;
  readonly onError: (error: unknown) => void;
}

const unlessGone = (error: unknown): void => {
  if (!isGone(error)) throw error;
};

const firstDelayMs = 200;
const mostDelayMs = 5_000;

/** Asks for what pushes do not tell: some time after they have shown that something is missing, for all of it at once. */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #ownViews = new Map<string, number>();
  /** Nobody else's: it may be further than the pushes are, and what it told of was taken for stale copies alone. */
  #token: string | null = null;
  #delayMs = firstDelayMs;
  #cancel: (() => void) | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** The user's own view of a conversation was changed by a push. */
  ownViewChanged(conversationId: string): void {
    this.#ownViews.set(conversationId, this.#ownViewOf(conversationId) + 1);
  }

  #ownViewOf(conversationId: string): number {
    return this.#ownViews.get(conversationId) ?? 0;
  }

  /** A synchronisation begins, and the feed is asked from where that ends. */
  restart(): void {
    this.#token = null;
  }

  /** Sees to one conversation, or to all. */
  look(conversationId?: string): void {
    if (this.#cancel !== undefined || this.#isRunning || this.#isStopped) return;
    const { copies, platform } = this.#options;
    const looked = conversationId === undefined ? copies.all() : [copies.get(conversationId)];
    const isNeeded = looked.some((copy) => copy?.isStale === true || (copy?.isOpen === true && copy.areMembersStale));
    if (!isNeeded) return;
    this.#cancel = platform.after(this.#delayMs, () => {
      this.#cancel = undefined;
      this.#background(this.#run());
    });
  }

  /** Events of this conversation are missing. */
  repair(conversationId: string): void {
    const { history, copies, position } = this.#options;
    const repaired = async (): Promise<void> => {
      await history.catchUp(conversationId, position(), () => this.#options.isHeld());
      const copy = copies.get(conversationId);
      if (copy !== undefined) copies.set(conversationId, { ...copy, areMembersStale: true, isStale: true });
    };
    this.#background(repaired());
  }

  /** Other messages can be seen than before. */
  reload(conversationId: string): void {
    const { copies, history } = this.#options;
    const copy = copies.get(conversationId);
    if (copy === undefined) return;
    const window = { from: copy.head.lastSeq, to: null, hasBefore: true, messages: [] };
    copies.set(conversationId, { ...copy, window, isStale: true });
    history.restart();
    if (copy.isOpen) this.#background(history.load(conversationId).catch(unlessGone));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #background(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#isStopped) this.#options.onError(error);
    });
  }

  async #run(): Promise<void> {
    const { copies, isHeld, history } = this.#options;
    if (isHeld()) return;
    this.#isRunning = true;
    try {
      await this.#feed();
      const open = copies.all().filter(({ isOpen, areMembersStale }) => isOpen && areMembersStale);
      await Promise.all(open.map(({ head }) => history.members(head.conversationId).catch(unlessGone)));
    } finally {
      this.#isRunning = false;
    }
    this.#delayMs = copies.all().some(({ isStale }) => isStale)
      ? Math.min(mostDelayMs, 2 * this.#delayMs)
      : firstDelayMs;
    this.look();
  }

  async #feed(): Promise<void> {
    const { copies, fetch, position, isHeld } = this.#options;
    const stale = new Set(copies.all().flatMap(({ isStale, head }) => (isStale ? [head.conversationId] : [])));
    if (stale.size === 0) return;
    const before = new Map([...stale].map((id) => [id, this.#ownViewOf(id)]));
    const after = position();
    const take = (item: FeedItem): void => {
      const { conversationId } = item.conversation;
      const copy = copies.get(conversationId);
      if (copy === undefined || !stale.delete(conversationId)) return;
      copies.set(conversationId, refreshed(copy, item, before.get(conversationId) !== this.#ownViewOf(conversationId)));
    };
    for (let more = true; more;) {
      const page = await fetch.sync(this.#token ?? copies.standing.syncToken, after);
      if (isHeld()) return;
      page.conversations.forEach(take);
      this.#token = page.token;
      more = page.more;
    }
    if (stale.size === 0) return;
    // What was told by an earlier page already, before the push about it came, is not told again.
    for await (const item of fetch.everything(after)) {
      if (isHeld()) return;
      take(item);
      if (stale.size === 0) return;
    }
    for (const conversationId of stale) {
      const copy = copies.get(conversationId);
      // The feed does not know it any more: closed, or a push will tell.
      if (copy !== undefined) copies.set(conversationId, { ...copy, isStale: false });
    }
  }
}
