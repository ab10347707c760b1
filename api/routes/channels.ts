import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging } from '../../schemas/common.ts';
import { Conversation, ConversationName } from '../../schemas/conversation.ts';
import { waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

/** Channels, which anyone may find; they are joined by `PUT …/members/me`. */
export const channelRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  waitBeforeReads(app, messaging);

  app.get(
    '/channels',
    {
      schema: {
        operationId: 'listChannels',
        summary: 'List open channels, by name',
        description: '`q` is a prefix of the name, whatever its case and accents.',
        tags: ['conversations'],
        querystring: z.strictObject({ q: ConversationName.optional(), ...Paging }),
        response: { 200: pageOf(Conversation) },
      },
    },
    async ({ caller, query: { q = '', cursor, limit } }) => {
      const { items, next } = await messaging.conversations.channels(caller, q, { cursor, limit });
      return { items: [...items], next };
    },
  );
};
