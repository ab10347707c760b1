import type { Page } from '../../schemas/common.ts';
import type { FeedItem, Member } from '../../schemas/conversation.ts';
import type { History } from '../../schemas/message.ts';
import type { Changes, Sync } from '../../schemas/sync.ts';
import { repeat } from '../repeat.ts';
import type { Platform } from '../platform.ts';
import type { Call, Success } from '../rest.ts';

export interface FetchOptions {
  readonly platform: Platform;
  readonly call: (call: Call) => Promise<Success>;
  readonly signal: AbortSignal;
  readonly soon: () => AbortSignal;
  /** So many tries of one request at the most. */
  readonly tries?: number;
}

const mostItems = '200';

/** Reads of what a copy is made of, each at least as new as `after`. */
export class Fetch {
  readonly #options: FetchOptions;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  async #get(path: string, query: Readonly<Record<string, string>>, after: string | undefined): Promise<unknown> {
    const { call, signal } = this.#options;
    const address = `${path}?${new URLSearchParams(query).toString()}`;
    const get = (): Promise<Success> => call({ method: 'GET', path: address, after, signal });
    return (await repeat(this.#options, get)).body;
  }

  async sync(token: string | null, after: string | undefined): Promise<Sync> {
    return (await this.#get('/v1/sync', { limit: mostItems, ...(token !== null && { token }) }, after)) as Sync;
  }

  async changes(conversationId: string, since: number, after: string | undefined): Promise<Changes> {
    const query = { since: String(since), limit: mostItems };
    return (await this.#get(`/v1/conversations/${conversationId}/changes`, query, after)) as Changes;
  }

  async history(
    conversationId: string,
    anchor: Readonly<Record<string, string>>,
    limit: number,
    after: string | undefined,
  ): Promise<History> {
    const query = { ...anchor, limit: String(limit) };
    return (await this.#get(`/v1/conversations/${conversationId}/messages`, query, after)) as History;
  }

  async members(conversationId: string, after: string | undefined): Promise<readonly Member[]> {
    const path = `/v1/conversations/${conversationId}/members`;
    return ((await this.#get(path, { limit: mostItems }, after)) as Page<Member>).items;
  }

  /** Every conversation of the feed, newest activity first. */
  async *everything(after: string | undefined): AsyncGenerator<FeedItem, void, undefined> {
    for (let token: string | null = null; ;) {
      const page: Sync = await this.sync(token, after);
      yield* page.conversations;
      if (!page.more) return;
      token = page.token;
    }
  }
}
