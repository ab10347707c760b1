import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Uuid } from '../../schemas/common.ts';
import { Conversation } from '../../schemas/conversation.ts';
import { problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import type { MessagingRoutesOptions } from './params.ts';

/** The one conversation of two users. */
export const directRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  app.put(
    '/direct/:userId',
    {
      schema: {
        operationId: 'putDirect',
        summary: 'Get the one conversation with a user, made when it is not there yet',
        tags: ['conversations'],
        params: z.strictObject({ userId: Uuid }),
        response: {
          200: Conversation,
          201: Conversation,
          ...problems(
            'contact/blocked',
            'contact/required',
            'user/not-found',
            'conversation/not-found',
            'conversation/id-reused',
          ),
        },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await messaging.conversations.direct(caller, params.userId)),
  );
};
