import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import { Webhook, WebhookBody } from '../../schemas/webhook.ts';
import type { WebhookService } from '../../services/webhooks.ts';
import { pageById } from '../page-by-id.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { botParams } from './bots.ts';

export interface WebhookRoutesOptions {
  readonly webhooks: WebhookService;
}

const tags = ['bots'];
const params = z.strictObject({ botId: Uuid, webhookId: Uuid });
const ofWebhook = problems('bot/not-found', 'bot/webhook-not-found');

/** Where the events of a bot's conversations are posted to. */
export const webhookRoutes: FastifyPluginAsyncZod<WebhookRoutesOptions> = async (app, { webhooks }) => {
  app.put(
    '/bots/:botId/webhooks/:webhookId',
    {
      schema: {
        operationId: 'putWebhook',
        summary: 'Make or change a webhook',
        description: 'Its secret is shown in the answer that makes it. One that was disabled is enabled again.',
        tags,
        params,
        body: WebhookBody,
        response: {
          200: Webhook,
          201: Webhook,
          ...problems('bot/not-found', 'bot/webhook-not-found', 'bot/too-many'),
        },
      },
    },
    async ({ caller, params: { botId, webhookId }, body }, reply) =>
      sendWritten(reply, await webhooks.put(caller, botId, webhookId, body)),
  );

  app.get(
    '/bots/:botId/webhooks',
    {
      schema: {
        operationId: 'listWebhooks',
        summary: 'List the webhooks of a bot',
        tags,
        params: botParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Webhook), ...problems('bot/not-found') },
      },
    },
    async ({ caller, params: { botId }, query }) =>
      pageById(await webhooks.list(caller, botId), ({ webhookId }) => webhookId, query),
  );

  app.post(
    '/bots/:botId/webhooks/:webhookId/secret',
    {
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Make a new secret for a webhook',
        description: 'Shown in this answer only. For 24 hours the one before signs as well.',
        tags,
        params,
        response: { 201: Webhook, ...ofWebhook },
      },
    },
    async ({ caller, params: { botId, webhookId } }, reply) =>
      sendWritten(reply, await webhooks.rotate(caller, botId, webhookId)),
  );

  app.delete(
    '/bots/:botId/webhooks/:webhookId',
    {
      schema: {
        operationId: 'removeWebhook',
        summary: 'Remove a webhook',
        tags,
        params,
        response: { 204: noContent, ...ofWebhook },
      },
    },
    async ({ caller, params: { botId, webhookId } }, reply) =>
      sendWritten(reply, await webhooks.remove(caller, botId, webhookId)),
  );
};
