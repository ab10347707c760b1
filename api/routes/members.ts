import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging } from '../../schemas/common.ts';
import { Member, MemberBody } from '../../schemas/conversation.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { conversationParams, memberParams, waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

const tags = ['members'];

/** Who is in a conversation, and as what. */
export const memberRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  const { members } = messaging;
  waitBeforeReads(app, messaging);

  app.get(
    '/conversations/:conversationId/members',
    {
      schema: {
        operationId: 'listMembers',
        summary: 'List members, in order of joining',
        tags,
        params: conversationParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Member), ...problems('conversation/not-a-member', 'conversation/not-found') },
      },
    },
    async ({ caller, params, query }) => {
      const { items, next } = await members.members(caller, params.conversationId, query);
      return { items: [...items], next };
    },
  );

  app.put(
    '/conversations/:conversationId/members/:userId',
    {
      schema: {
        operationId: 'putMember',
        summary: 'Add a member, join a channel (`me`), or change a role',
        description: 'A role up to one’s own may be given. Changing someone needs a higher role than theirs.',
        tags,
        params: memberParams,
        body: MemberBody.optional(),
        response: {
          200: Member,
          201: Member,
          ...problems(
            'auth/forbidden',
            'contact/blocked',
            'conversation/not-a-member',
            'conversation/not-found',
            'user/not-found',
            'conversation/closed',
            'conversation/full',
            'conversation/last-owner',
          ),
        },
      },
    },
    async ({ caller, params: { conversationId, userId }, body }, reply) => {
      const target = userId === 'me' ? caller.userId : userId;
      return sendWritten(reply, await members.put(caller, conversationId, target, body?.role));
    },
  );

  app.delete(
    '/conversations/:conversationId/members/:userId',
    {
      schema: {
        operationId: 'removeMember',
        summary: 'Remove a member, or leave (`me`)',
        description: 'Removing someone needs a higher role than theirs. The last member who leaves closes it.',
        tags,
        params: memberParams,
        response: {
          204: noContent,
          ...problems(
            'auth/forbidden',
            'conversation/not-a-member',
            'conversation/not-found',
            'conversation/closed',
            'conversation/last-owner',
          ),
        },
      },
    },
    async ({ caller, params: { conversationId, userId } }, reply) => {
      const target = userId === 'me' ? caller.userId : userId;
      return sendWritten(reply, await members.remove(caller, conversationId, target));
    },
  );
};
