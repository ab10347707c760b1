import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf } from '../../schemas/common.ts';
import { PresenceView, UserIds } from '../../schemas/presence.ts';
import type { PresenceService } from '../../services/presence.ts';

export interface PresenceRoutesOptions {
  readonly presence: Pick<PresenceService, 'presence'>;
}

export const presenceRoutes: FastifyPluginAsyncZod<PresenceRoutesOptions> = async (app, { presence }) => {
  app.get(
    '/presence',
    {
      schema: {
        operationId: 'getPresence',
        summary: 'Look up who is there',
        description:
          'Up to 200 users, with commas between them. Of whoever hides it, or where one has blocked the other, ' +
          'no more is told than of one who is offline.',
        tags: ['users'],
        querystring: z.strictObject({ userIds: UserIds }),
        response: { 200: pageOf(PresenceView) },
      },
    },
    async ({ caller, parleyAfter, query: { userIds } }) => {
      const items = await presence.presence(caller, userIds.split(','), parleyAfter);
      return { items: [...items], next: null };
    },
  );
};
