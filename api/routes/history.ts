import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging } from '../../schemas/common.ts';
import { History, Message, MessageVersion } from '../../schemas/message.ts';
import { problems } from '../problems.ts';
import {
  anchorOf,
  conversationParams,
  historyQuery,
  messageParams,
  waitBeforeReads,
  type MessagingRoutesOptions,
} from './params.ts';

const tags = ['messages'];
const ofConversation = ['conversation/not-a-member', 'conversation/not-found'] as const;
const ofMessage = [...ofConversation, 'message/not-found'] as const;

/** Reading messages. */
export const historyRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  const { history } = messaging;
  waitBeforeReads(app, messaging);

  app.get(
    '/conversations/:conversationId/messages',
    {
      schema: {
        operationId: 'listMessages',
        summary: 'Read a page of history, ascending by seq',
        description:
          'At most one of `before`, `after`, `around` (a seq) and `at` (a time); none of them: the newest page.',
        tags,
        params: conversationParams,
        querystring: historyQuery,
        response: { 200: History, ...problems(...ofConversation) },
      },
    },
    async ({ caller, params, query }) => history.history(caller, params.conversationId, anchorOf(query), query.limit),
  );

  app.get(
    '/conversations/:conversationId/messages/:messageId',
    {
      schema: {
        operationId: 'getMessage',
        summary: 'Read one message',
        tags,
        params: messageParams,
        response: { 200: Message, ...problems(...ofMessage) },
      },
    },
    async ({ caller, params }) => history.message(caller, params.conversationId, params.messageId),
  );

  app.get(
    '/conversations/:conversationId/messages/:messageId/versions',
    {
      schema: {
        operationId: 'listVersions',
        summary: 'List what a message said before its edits and says now, oldest first',
        tags,
        params: messageParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(MessageVersion), ...problems(...ofMessage) },
      },
    },
    async ({ caller, params, query }) => {
      const { items, next } = await history.versions(caller, params.conversationId, params.messageId, query);
      return { items: [...items], next };
    },
  );

  app.get(
    '/conversations/:conversationId/threads/:messageId/messages',
    {
      schema: {
        operationId: 'listThread',
        summary: 'Read a page of the replies in a thread, as in history',
        tags,
        params: messageParams,
        querystring: historyQuery,
        response: { 200: History, ...problems(...ofMessage) },
      },
    },
    async ({ caller, params, query }) =>
      history.thread(caller, params.conversationId, params.messageId, anchorOf(query), query.limit),
  );

  app.get(
    '/conversations/:conversationId/pins',
    {
      schema: {
        operationId: 'listPins',
        summary: 'List pinned messages, the newest pin first',
        tags,
        params: conversationParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Message), ...problems(...ofConversation) },
      },
    },
    async ({ caller, params, query }) => {
      const { items, next } = await history.pins(caller, params.conversationId, query);
      return { items: [...items], next };
    },
  );
};
