import type { FeedItem } from '../../schemas/conversation.ts';
import type { Caller } from '../../services/caller.ts';
import type { Messaging } from '../../services/messaging.ts';

/** A client's copy of its feed, kept by sync alone. */
export class FeedCopy {
  readonly items: Map<string, FeedItem>;
  token: string | undefined;

  constructor(items: Iterable<readonly [string, FeedItem]> = [], token?: string) {
    this.items = new Map(items);
    this.token = token;
  }

  branch(): FeedCopy {
    return new FeedCopy(this.items, this.token);
  }

  /** One page; true while there are more. */
  async step({ sync }: Messaging, caller: Caller, limit: number): Promise<boolean> {
    const page = await sync.sync(caller, this.token, limit);
    if (page.conversations.length + page.left.length > limit) throw new Error('A page is longer than asked for');
    for (const item of page.conversations) this.items.set(item.conversation.conversationId, item);
    for (const conversationId of page.left) this.items.delete(conversationId);
    this.token = page.token;
    return page.more;
  }

  /** To the end of the walk it is on, which covers what was there at its first page, and then of one more. */
  async finish(messaging: Messaging, caller: Caller, limit: number): Promise<void> {
    while (await this.step(messaging, caller, limit));
    while (await this.step(messaging, caller, limit));
  }

  sorted(): readonly FeedItem[] {
    return [...this.items.values()].sort((one, other) =>
      one.conversation.conversationId < other.conversation.conversationId ? -1 : 1,
    );
  }
}
