import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging } from '../../schemas/common.ts';
import { Scheduled, ScheduleBody } from '../../schemas/scheduled.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { conversationParams, messageParams, waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

const tags = ['messages'];
const ofConversation = ['conversation/not-a-member', 'conversation/not-found'] as const;

/** Messages to be sent later. */
export const scheduledRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  const { scheduled } = messaging;
  waitBeforeReads(app, messaging);

  app.put(
    '/conversations/:conversationId/scheduled/:messageId',
    {
      schema: {
        operationId: 'scheduleMessage',
        summary: 'Schedule a message, or change one that is scheduled',
        description:
          'It is refused if it could not be sent now, and again when its time comes. Nobody else learns of it before.',
        tags,
        params: messageParams,
        body: ScheduleBody,
        response: {
          200: Scheduled,
          201: Scheduled,
          ...problems(
            ...ofConversation,
            'conversation/closed',
            'message/not-found',
            'auth/forbidden',
            'contact/blocked',
            'message/id-reused',
            'message/too-long',
            'scheduled/too-many',
          ),
        },
      },
    },
    async ({ caller, params, body }, reply) =>
      sendWritten(reply, await scheduled.schedule(caller, params.conversationId, params.messageId, body)),
  );

  app.get(
    '/conversations/:conversationId/scheduled',
    {
      schema: {
        operationId: 'listScheduled',
        summary: 'List one’s own scheduled messages, the next first',
        tags,
        params: conversationParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Scheduled), ...problems(...ofConversation) },
      },
    },
    async ({ caller, params, query }) => {
      const { items, next } = await scheduled.list(caller, params.conversationId, query);
      return { items: [...items], next };
    },
  );

  app.delete(
    '/conversations/:conversationId/scheduled/:messageId',
    {
      schema: {
        operationId: 'cancelScheduled',
        summary: 'Do not send a scheduled message, or forget one that failed',
        tags,
        params: messageParams,
        response: { 204: noContent, ...problems('message/not-found') },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await scheduled.cancel(caller, params.conversationId, params.messageId)),
  );
};
