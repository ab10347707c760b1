interface Kept<Kind extends string> {
  readonly kind: Kind;
  /** Unique among those of its kind. */
  readonly id: string;
  /** What it belongs to: a bot to its owner, everything else to its bot. */
  readonly parentId: string;
}

/** That a user is a bot, and whose. `id` is the user's. */
export interface BotRecord extends Kept<'bot'> {
  /** RFC 3339, UTC, milliseconds, as all times here. */
  readonly createdAt: string;
}

export interface TokenRecord extends Kept<'token'> {
  readonly name: string;
  readonly scopes: readonly string[];
  /** SHA-256 of the secret part, base64url; the secret itself is kept nowhere. */
  readonly hash: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

export interface WebhookRecord extends Kept<'webhook'> {
  readonly url: string;
  /** Types of events; empty: all. */
  readonly events: readonly string[];
  /** What deliveries are signed with, base64. */
  readonly secret: string;
  /** The secret before, which signs as well until then. */
  readonly previous: { readonly secret: string; readonly until: string } | null;
  readonly createdAt: string;
}

/** How a webhook's deliveries fare; its `id` is the webhook's. Apart, so that a delivery overwrites no change of it. */
export interface HealthRecord extends Kept<'health'> {
  readonly failingSince: string | null;
  readonly disabledAt: string | null;
}

export type AnyBotRecord = BotRecord | TokenRecord | WebhookRecord | HealthRecord;
export type BotRecordKind = AnyBotRecord['kind'];
export type BotRecordOf<Kind extends BotRecordKind> = Extract<AnyBotRecord, { kind: Kind }>;

/** What belongs to bots, kept with the credentials. Every change is durable when it resolves. */
export interface BotRecords {
  /** In place of what had its kind and id before. */
  put(record: AnyBotRecord): Promise<void>;
  get<Kind extends BotRecordKind>(kind: Kind, id: string): Promise<BotRecordOf<Kind> | undefined>;
  /** Those of one parent, by id. */
  of<Kind extends BotRecordKind>(kind: Kind, parentId: string): Promise<readonly BotRecordOf<Kind>[]>;
  /** All of a kind, by id. */
  all<Kind extends BotRecordKind>(kind: Kind): Promise<readonly BotRecordOf<Kind>[]>;
  remove(kind: BotRecordKind, id: string): Promise<void>;
  /** The bot itself and all that belongs to it. */
  removeBot(botId: string): Promise<void>;
}
