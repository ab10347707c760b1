import type { Copies } from './copies.ts';
import type { Fetch } from './fetch.ts';
import type { History } from './history.ts';
import { resynced, withoutPushes } from './resync.ts';

export interface SynchroniserOptions {
  readonly fetch: Fetch;
  readonly copies: Copies;
  readonly history: History;
  readonly userId: string;
}

/** Brings all copies up to a position by asking: the feed first, then what is open. */
export class Synchroniser {
  readonly #options: SynchroniserOptions;
  #run = 0;

  constructor(options: SynchroniserOptions) {
    this.#options = options;
  }

  /** A run that is on its way changes nothing any more. */
  stop(): void {
    this.#run += 1;
  }

  /** Resolves with false if it was stopped. What it has done by then need not be done again. */
  async run(position: string): Promise<boolean> {
    this.#run += 1;
    const run = this.#run;
    const isStopped = (): boolean => run !== this.#run;
    const { fetch, copies, history, userId } = this.#options;
    history.restart();
    for (const copy of copies.all())
      if (!copy.isOpen) copies.set(copy.head.conversationId, withoutPushes(copy, userId));
    for (let more = true; more;) {
      const page = await fetch.sync(copies.standing.syncToken, position);
      if (isStopped()) return false;
      for (const item of page.conversations) {
        const { conversationId } = item.conversation;
        copies.set(conversationId, resynced(copies.get(conversationId), item));
      }
      for (const conversationId of page.left) this.#left(conversationId);
      copies.stand({ syncToken: page.token });
      more = page.more;
    }
    const open = copies.all().filter(({ isOpen }) => isOpen);
    await Promise.all(open.map(({ head }) => history.catchUp(head.conversationId, position, isStopped)));
    return !isStopped();
  }

  /** What is open may be one that was closed for all, and can still be read: catching up will tell. */
  #left(conversationId: string): void {
    const { copies } = this.#options;
    if (copies.get(conversationId)?.isOpen !== true) copies.set(conversationId, undefined);
  }
}
