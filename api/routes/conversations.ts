import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging } from '../../schemas/common.ts';
import {
  Conversation,
  ConversationPatch,
  FeedItem,
  NewConversation,
  OwnViewPatch,
} from '../../schemas/conversation.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { conversationParams as params, waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

const tags = ['conversations'];
const archivedFilters = { true: 'only', false: 'none', all: 'all' } as const;
const feedQuery = z.strictObject({
  unread: z.enum(['true', 'false']).default('false'),
  archived: z.enum(['true', 'false', 'all']).default('false'),
  ...Paging,
});

/** Conversations themselves, the caller's list of them, and his own view of each. */
export const conversationRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  const { conversations, feed } = messaging;
  waitBeforeReads(app, messaging);

  app.post(
    '/conversations',
    {
      schema: {
        operationId: 'startConversation',
        summary: 'Start a group or a channel',
        description: 'Whoever starts it owns it. The same `conversationId` started again is a repeat.',
        tags,
        body: NewConversation,
        response: {
          200: Conversation,
          201: Conversation,
          ...problems(
            'contact/blocked',
            'user/not-found',
            'conversation/not-found',
            'conversation/id-reused',
            'conversation/full',
          ),
        },
      },
    },
    async ({ caller, body }, reply) => sendWritten(reply, await conversations.start(caller, body)),
  );

  app.get(
    '/conversations',
    {
      schema: {
        operationId: 'listConversations',
        summary: 'List conversations: pinned, then unread, then by last activity',
        description: 'Archived ones only on request. A cursor keeps the order of its first page.',
        tags,
        querystring: feedQuery,
        response: { 200: pageOf(FeedItem) },
      },
    },
    async ({ caller, query: { unread, archived, cursor, limit } }) => {
      const filter = { unread: unread === 'true', archived: archivedFilters[archived] };
      const { items, next } = await feed.page(caller, filter, { cursor, limit });
      return { items: [...items], next };
    },
  );

  app.get(
    '/conversations/:conversationId',
    {
      schema: {
        operationId: 'getConversation',
        summary: 'See a conversation; of a channel also without being in it',
        tags,
        params,
        response: { 200: Conversation, ...problems('conversation/not-found') },
      },
    },
    async ({ caller, params }) => conversations.conversation(caller, params.conversationId),
  );

  app.patch(
    '/conversations/:conversationId',
    {
      schema: {
        operationId: 'changeConversation',
        summary: 'Change name, topic, picture or settings',
        description: 'For admins. In a direct conversation either may set how long messages are kept.',
        tags,
        params,
        body: ConversationPatch,
        response: {
          200: Conversation,
          ...problems('auth/forbidden', 'conversation/not-a-member', 'conversation/not-found', 'conversation/closed'),
        },
      },
    },
    async ({ caller, params, body }, reply) =>
      sendWritten(reply, await conversations.change(caller, params.conversationId, body), { createdStatus: 200 }),
  );

  app.delete(
    '/conversations/:conversationId',
    {
      schema: {
        operationId: 'closeConversation',
        summary: 'Close a conversation for all; its members can still read it',
        tags,
        params,
        response: {
          204: noContent,
          ...problems('auth/forbidden', 'conversation/not-a-member', 'conversation/not-found'),
        },
      },
    },
    async ({ caller, params }, reply) => sendWritten(reply, await conversations.close(caller, params.conversationId)),
  );

  app.patch(
    '/conversations/:conversationId/me',
    {
      schema: {
        operationId: 'changeOwnView',
        summary: "Mute, pin, archive or mark as unread in one's own view",
        tags,
        params,
        body: OwnViewPatch,
        response: {
          204: noContent,
          ...problems('conversation/not-a-member', 'conversation/not-found', 'conversation/closed'),
        },
      },
    },
    async ({ caller, params, body }, reply) =>
      sendWritten(reply, await conversations.changeOwnView(caller, params.conversationId, body)),
  );

  app.delete(
    '/conversations/:conversationId/me/history',
    {
      schema: {
        operationId: 'clearHistory',
        summary: 'Clear the history up to now, for the caller only',
        tags,
        params,
        response: {
          204: noContent,
          ...problems('conversation/not-a-member', 'conversation/not-found', 'conversation/closed'),
        },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await conversations.clearHistory(caller, params.conversationId)),
  );
};
