import { catalog } from '../domain/catalog.ts';
import { DomainError } from '../domain/errors.ts';
import { conversationStream, derivedId } from '../domain/ids.ts';
import type { BotRecords, WebhookRecord } from '../ports/bot-records.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { JobHandler } from '../ports/jobs.ts';
import type { WebhookAnswer, WebhookSender } from '../ports/webhook-sender.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Message } from '../schemas/message.ts';
import type { HistoryService } from './history.ts';
import { isFault } from './problems.ts';
import { messageIdOf, payloadOf, toldEvent } from './webhook-payload.ts';
import { signatureHeaders } from './webhook-signature.ts';

/** One event for one webhook. */
export interface Delivery {
  readonly webhookId: string;
  readonly conversationId: string;
  readonly revision: number;
}

export interface DeliveryOptions {
  readonly bots: Pick<BotRecords, 'get' | 'put' | 'remove'>;
  readonly events: Pick<EventStore, 'readStream'>;
  readonly reads: Pick<ReadModels, 'waitFor'>;
  readonly history: Pick<HistoryService, 'message'>;
  readonly sender: WebhookSender;
  readonly clock: Clock;
}

const soonestMs = 1_000;
const latestMs = 60 * 60_000;
/** A webhook that has failed for so long without one success is disabled. */
const lastingMs = 24 * 60 * 60_000;
const gone = 410;

/** The same whenever it is asked, so that receivers can tell a repetition. */
const idOf = ({ webhookId, conversationId, revision }: Delivery): string =>
  `msg_${derivedId('webhook', webhookId, conversationId, String(revision))}`;

const isDelivered = (answer: WebhookAnswer): boolean =>
  answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;

/**
 * Posts one event to one webhook, and comes again while that fails: after as long as it has been due, at least a
 * second, at most an hour. Ends without a delivery when the webhook or the bot's right to see it is gone.
 */
export const deliverWebhook = (options: DeliveryOptions): JobHandler => {
  const { bots, events, reads, history, sender, clock } = options;

  const eventOf = async ({ conversationId, revision }: Delivery) => {
    for await (const recorded of events.readStream(conversationStream(conversationId), { after: revision - 1 })) {
      const event = toldEvent(catalog.decode(recorded));
      // What a read model does not know of yet must not look like what the bot may not see.
      if (event !== undefined) await reads.waitFor(['feed', 'timeline'], recorded.position);
      return event;
    }
    return undefined;
  };

  /** Null where the bot may not see it. */
  const messageFor = async (
    { parentId }: WebhookRecord,
    conversationId: string,
    messageId: string,
  ): Promise<Message | null> => {
    try {
      const bot = { userId: parentId, deviceId: parentId, sessionId: parentId };
      return await history.message(bot, conversationId, messageId);
    } catch (error) {
      if (error instanceof DomainError && !isFault(error)) return null;
      throw error;
    }
  };

  const noteFailure = async ({ id, parentId }: WebhookRecord, answer: WebhookAnswer): Promise<boolean> => {
    const now = timestamp(clock);
    const failingSince = (await bots.get('health', id))?.failingSince ?? now;
    const isLasting = clock() - Date.parse(failingSince) >= lastingMs;
    const isOver = isLasting || (answer.kind === 'answered' && answer.status === gone);
    await bots.put({ kind: 'health', id, parentId, failingSince, disabledAt: isOver ? now : null });
    return isOver;
  };

  return async ({ data }) => {
    const delivery = data as Delivery;
    const [webhook, health] = await Promise.all([
      bots.get('webhook', delivery.webhookId),
      bots.get('health', delivery.webhookId),
    ]);
    if (webhook === undefined || (health?.disabledAt ?? null) !== null) return 'done';
    const event = await eventOf(delivery);
    if (event === undefined) return 'done';
    const messageId = messageIdOf(event);
    const message = messageId === undefined ? undefined : await messageFor(webhook, delivery.conversationId, messageId);
    if (message === null) return 'done';

    const body = JSON.stringify(payloadOf(event, delivery, message));
    const now = clock();
    const old = webhook.previous !== null && Date.parse(webhook.previous.until) > now ? [webhook.previous.secret] : [];
    const signed = { id: idOf(delivery), seconds: Math.floor(now / 1_000), body };
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Parley-Webhooks/1',
      ...signatureHeaders(signed, [webhook.secret, ...old]),
    };
    const answer = await sender.post({ url: webhook.url, headers, body });
    if (isDelivered(answer)) {
      if (health !== undefined) await bots.remove('health', webhook.id);
      return 'done';
    }
    if (await noteFailure(webhook, answer)) return 'done';
    const dueMs = clock() - Date.parse(event.data.at);
    return { againInMs: Math.min(latestMs, Math.max(soonestMs, dueMs)) };
  };
};
