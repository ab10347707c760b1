import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Cursor, Limit, wholeNumber } from '../../schemas/common.ts';
import { Changes, Sync } from '../../schemas/sync.ts';
import { problems } from '../problems.ts';
import { conversationParams, waitBeforeReads, type MessagingRoutesOptions } from './params.ts';

const tags = ['sync'];

/** Keeping copies up to date. */
export const syncRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  waitBeforeReads(app, messaging);

  app.get(
    '/sync',
    {
      schema: {
        operationId: 'sync',
        summary: 'What changed in the list of conversations since a token, oldest change first',
        description: 'Without a token everything, newest activity first. `left`: left, removed from, or closed.',
        tags,
        querystring: z.strictObject({ token: Cursor.optional(), limit: Limit }),
        response: { 200: Sync },
      },
    },
    async ({ caller, query }) => messaging.sync.sync(caller, query.token, query.limit),
  );

  app.get(
    '/conversations/:conversationId/changes',
    {
      schema: {
        operationId: 'listChanges',
        summary: 'The present state of everything in a conversation that changed after a revision',
        description:
          'Without `since` everything. Applied to a copy at `since` it gives the copy at `revision`. Where `history` was ' +
          'opened to all after `since`, the newest 1,000 messages from before the caller joined are among what changed.',
        tags,
        params: conversationParams,
        querystring: z.strictObject({ since: wholeNumber({}).optional(), limit: Limit }),
        response: { 200: Changes, ...problems('conversation/not-a-member', 'conversation/not-found') },
      },
    },
    async ({ caller, params, query }) =>
      messaging.changes.changes(caller, params.conversationId, query.since, query.limit),
  );
};
