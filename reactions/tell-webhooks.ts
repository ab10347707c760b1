import { actorOf, isTold, webhookEvents, type ToldEvent } from '../domain/webhook-events.ts';
import { parseStream } from '../domain/ids.ts';
import type { WebhookRecord } from '../ports/bot-records.ts';
import type { Jobs } from '../ports/jobs.ts';
import { fromPositionKey, type LoggedEvent } from '../projections/projection.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Reaction } from './reaction.ts';

/** Jobs that deliver one event to one webhook each. */
export const webhookKind = 'webhook';

export interface TellWebhooksOptions {
  /** Those that are not disabled, as they were a moment ago. */
  readonly webhooks: () => readonly WebhookRecord[];
  readonly readModels: Pick<ReadModels, 'feed' | 'waitFor'>;
  readonly jobs: Pick<Jobs, 'enqueue'>;
}

/** A job that nobody has told otherwise comes again after so long. */
const everyMs = 60_000;

const wants = ({ events, parentId, createdAt }: WebhookRecord, event: ToldEvent): boolean =>
  (events.length === 0 || events.includes(webhookEvents[event.type])) &&
  actorOf(event) !== parentId &&
  event.data.at >= createdAt;

/** Each event goes to the webhooks of every bot that was in the conversation then and did not do it itself. */
export const tellWebhooks = ({ webhooks, readModels, jobs }: TellWebhooksOptions): Reaction => {
  const wasIn = async (botId: string, conversationId: string, { position }: LoggedEvent): Promise<boolean> => {
    const member = await readModels.feed.member(conversationId, botId);
    if (member === undefined || fromPositionKey(member.joinedPosition) > position) return false;
    return member.leftAt === null || fromPositionKey(member.leftPosition ?? '') >= position;
  };

  return {
    name: 'tell-webhooks',
    concerns: ({ event }) => isTold(event) && webhooks().some((webhook) => wants(webhook, event)),
    async react(logged) {
      const { event, stream, revision, position } = logged;
      if (!isTold(event)) return;
      const conversationId = parseStream(stream).id;
      await readModels.waitFor(['feed'], position);
      const byBot = Map.groupBy(
        webhooks().filter((webhook) => wants(webhook, event)),
        ({ parentId }) => parentId,
      );
      const told = await Promise.all(
        byBot.entries().map(async ([botId, own]) => ((await wasIn(botId, conversationId, logged)) ? own : [])),
      );
      for (const webhook of told.flat()) {
        const data = { webhookId: webhook.id, conversationId, revision };
        await jobs.enqueue({ kind: webhookKind, id: `${webhook.id}.${conversationId}.${revision}`, data, everyMs });
      }
    },
  };
};
