import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import { Conversation, Invite, InviteBody } from '../../schemas/conversation.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { conversationParams, waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

const tags = ['invites'];
const Token = z.string().min(1).max(256);

const baseUrl = ({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>): string => `${protocol}://${host}`;

/** Joining by link. */
export const inviteRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  const { invites } = messaging;
  waitBeforeReads(app, messaging);

  app.post(
    '/conversations/:conversationId/invites',
    {
      schema: {
        operationId: 'createInvite',
        summary: 'Make a link by which others can join',
        description: 'For those who may add members. Without `expiresInSeconds` it lasts 7 days.',
        tags,
        params: conversationParams,
        body: InviteBody.optional(),
        response: {
          201: Invite,
          ...problems('auth/forbidden', 'conversation/not-a-member', 'conversation/not-found', 'conversation/closed'),
        },
      },
    },
    async ({ caller, params, body = {}, protocol, host }, reply) =>
      sendWritten(reply, await invites.create(caller, params.conversationId, body, baseUrl({ protocol, host }))),
  );

  app.get(
    '/conversations/:conversationId/invites',
    {
      schema: {
        operationId: 'listInvites',
        summary: "List one's own invites; for admins all",
        tags,
        params: conversationParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Invite), ...problems('conversation/not-a-member', 'conversation/not-found') },
      },
    },
    async ({ caller, params, query, protocol, host }) => {
      const base = baseUrl({ protocol, host });
      const { items, next } = await invites.list(caller, params.conversationId, query, base);
      return { items: [...items], next };
    },
  );

  app.delete(
    '/conversations/:conversationId/invites/:token',
    {
      schema: {
        operationId: 'withdrawInvite',
        summary: 'Withdraw an invite; for its maker and admins',
        tags,
        params: z.strictObject({ conversationId: Uuid, token: Token }),
        response: {
          204: noContent,
          ...problems(
            'auth/forbidden',
            'conversation/not-a-member',
            'conversation/not-found',
            'invite/not-found',
            'conversation/closed',
          ),
        },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await invites.withdraw(caller, params.conversationId, params.token)),
  );

  app.post(
    '/invites/:token',
    {
      schema: {
        operationId: 'acceptInvite',
        summary: 'Join a conversation by invite',
        tags,
        params: z.strictObject({ token: Token }),
        response: {
          200: Conversation,
          201: Conversation,
          ...problems('invite/not-found', 'conversation/not-found', 'conversation/closed', 'conversation/full'),
        },
      },
    },
    async ({ caller, params }, reply) => sendWritten(reply, await invites.accept(caller, params.token)),
  );
};
