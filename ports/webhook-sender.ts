export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What became of it: an answer, or why there was none. */
export type WebhookAnswer =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: 'private-address' | 'timeout' | 'unreachable' };

/** Posts to addresses that users name. Bounded in time and bytes; follows no redirect; never rejects. */
export interface WebhookSender {
  post(post: WebhookPost): Promise<WebhookAnswer>;
}
