import type { CommandBus } from '../commands/command-bus.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { webhookEventNames } from '../domain/webhook-events.ts';
import type { BotRecords, HealthRecord, WebhookRecord } from '../ports/bot-records.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import type { Webhook, WebhookBody } from '../schemas/webhook.ts';
import { botWritten } from './bot-write.ts';
import type { BotService } from './bots.ts';
import type { Caller, Written } from './caller.ts';
import { invalid } from './problems.ts';
import { makeWebhookSecret, shownSecret } from './webhook-signature.ts';

export interface WebhookOptions {
  readonly bus: CommandBus;
  readonly records: BotRecords;
  readonly bots: Pick<BotService, 'mustOwn'>;
  readonly clock: Clock;
  /** Addresses without https, and those of one's own network. */
  readonly allowPrivate: boolean;
}

/** Where a bot's events are posted to, kept by its owner. Somebody else's bot is `bot/not-found`. */
export interface WebhookService {
  /** Makes or changes it; one that was disabled is enabled again. Throws `bot/too-many`. */
  put(caller: Caller, botId: UserId, webhookId: string, body: WebhookBody): Promise<Written<Webhook>>;
  list(caller: Caller, botId: UserId): Promise<readonly Webhook[]>;
  /** A new secret; the old one signs beside it for 24 h. Throws `bot/webhook-not-found`. */
  rotate(caller: Caller, botId: UserId, webhookId: string): Promise<Written<Webhook>>;
  remove(caller: Caller, botId: UserId, webhookId: string): Promise<Written<null>>;
}

const overlapMs = 24 * 60 * 60_000;

const view = ({ id, url, events, createdAt }: WebhookRecord, health?: HealthRecord, secret?: string): Webhook => ({
  webhookId: id,
  url,
  events: webhookEventNames.filter((name) => events.includes(name)),
  createdAt,
  failingSince: health?.failingSince ?? null,
  disabledAt: health?.disabledAt ?? null,
  ...(secret !== undefined && { secret: shownSecret(secret) }),
});

export const createWebhookService = (options: WebhookOptions): WebhookService => {
  const { bus, records, bots, clock, allowPrivate } = options;

  const mustBePostable = (url: string): void => {
    const { protocol, username, password, hash } = new URL(url);
    if (protocol !== 'https:' && !allowPrivate) throw invalid('body.url', 'must be https');
    if (username !== '' || password !== '' || hash !== '') {
      throw invalid('body.url', 'must have neither a user nor a fragment');
    }
  };

  /** Undefined where there is none; one of another bot is as good as none, but its id is taken. */
  const own = async (botId: UserId, webhookId: string): Promise<WebhookRecord | undefined> => {
    const found = await records.get('webhook', webhookId);
    if (found !== undefined && found.parentId !== botId) throw new DomainError('bot/webhook-not-found');
    return found;
  };

  const mustHave = async (caller: Caller, botId: UserId, webhookId: string): Promise<WebhookRecord> => {
    await bots.mustOwn(caller, botId);
    const found = await own(botId, webhookId);
    if (found === undefined) throw new DomainError('bot/webhook-not-found');
    return found;
  };

  return {
    async put(caller, botId, webhookId, { url, events = [] }) {
      await bots.mustOwn(caller, botId);
      mustBePostable(url);
      const before = await own(botId, webhookId);
      const isFull = (await records.of('webhook', botId)).length >= limits.webhooksPerBot;
      if (before === undefined && isFull) throw new DomainError('bot/too-many');
      const made = { secret: makeWebhookSecret(), previous: null, createdAt: timestamp(clock) };
      const kept = before ?? { kind: 'webhook', id: webhookId, parentId: botId, ...made };
      const record: WebhookRecord = { ...kept, url, events: [...new Set(events)] };
      await records.put(record);
      await records.remove('health', webhookId);
      const secret = before === undefined ? record.secret : undefined;
      return botWritten(bus, botId, view(record, undefined, secret), before === undefined);
    },

    async list(caller, botId) {
      await bots.mustOwn(caller, botId);
      const [found, health] = await Promise.all([records.of('webhook', botId), records.of('health', botId)]);
      const healthOf = new Map(health.map((record) => [record.id, record]));
      return found.map((record) => view(record, healthOf.get(record.id)));
    },

    async rotate(caller, botId, webhookId) {
      const before = await mustHave(caller, botId, webhookId);
      const until = new Date(clock() + overlapMs).toISOString();
      const record = { ...before, secret: makeWebhookSecret(), previous: { secret: before.secret, until } };
      await records.put(record);
      return botWritten(bus, botId, view(record, await records.get('health', webhookId), record.secret), true);
    },

    async remove(caller, botId, webhookId) {
      await mustHave(caller, botId, webhookId);
      await records.remove('webhook', webhookId);
      await records.remove('health', webhookId);
      return botWritten(bus, botId, null, false);
    },
  };
};
