import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging } from '../../schemas/common.ts';
import { MessageReceipt, ReceiptBody } from '../../schemas/message.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { conversationParams, messageParams, waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

const tags = ['messages'];

/** How far devices have got. */
export const receiptRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  waitBeforeReads(app, messaging);

  app.put(
    '/conversations/:conversationId/receipts',
    {
      schema: {
        operationId: 'putReceipts',
        summary: 'Say how far this device has got',
        description: 'Never goes back, and never beyond the last message. `read` implies `delivered`.',
        tags,
        params: conversationParams,
        body: ReceiptBody,
        response: {
          204: noContent,
          ...problems('conversation/not-a-member', 'conversation/not-found', 'conversation/closed'),
        },
      },
    },
    async ({ caller, params, body }, reply) =>
      sendWritten(reply, await messaging.messages.receipt(caller, params.conversationId, body)),
  );

  app.get(
    '/conversations/:conversationId/messages/:messageId/receipts',
    {
      schema: {
        operationId: 'listReceipts',
        summary: 'List how far the devices of others have got with a message; for its sender',
        tags,
        params: messageParams,
        querystring: z.strictObject(Paging),
        response: {
          200: pageOf(MessageReceipt),
          ...problems('auth/forbidden', 'conversation/not-a-member', 'conversation/not-found', 'message/not-found'),
        },
      },
    },
    async ({ caller, params, query }) => {
      const { conversationId, messageId } = params;
      const { items, next } = await messaging.history.receipts(caller, conversationId, messageId, query);
      return { items: [...items], next };
    },
  );
};
