import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import { text } from '../../schemas/text.ts';
import { Registration, User, Username } from '../../schemas/user.ts';
import type { AccountService } from '../../services/accounts.ts';
import { decodeCursor, encodeCursor } from '../../services/cursor.ts';
import { invalid } from '../../services/problems.ts';
import type { ProfileService } from '../../services/profiles.ts';
import { problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface UserRoutesOptions {
  readonly accounts: Pick<AccountService, 'register'>;
  readonly profiles: Pick<ProfileService, 'user' | 'named' | 'search'>;
}

const tags = ['users'];
const Place = z.tuple([z.string()]);

export const userRoutes: FastifyPluginAsyncZod<UserRoutesOptions> = async (app, { accounts, profiles }) => {
  app.post(
    '/users',
    {
      config: { signIn: true },
      schema: {
        operationId: 'register',
        summary: 'Register',
        description: 'The username cannot be changed. Without a display name it is the username.',
        tags,
        security: [],
        body: Registration,
        response: { 201: User, ...problems('user/name-taken') },
      },
    },
    async (request, reply) => sendWritten(reply, await accounts.register(request.body)),
  );

  app.get(
    '/users/:userId',
    {
      schema: {
        operationId: 'getUser',
        summary: 'Look up a profile',
        tags,
        params: z.strictObject({ userId: Uuid }),
        response: { 200: User, ...problems('user/not-found') },
      },
    },
    async ({ params, parleyAfter }) => profiles.user(params.userId, parleyAfter),
  );

  app.get(
    '/users',
    {
      schema: {
        operationId: 'findUsers',
        summary: 'Find users',
        description: 'Either by the exact `username`, or by `q`, a prefix of username or display name.',
        tags,
        querystring: z.strictObject({
          username: Username.optional(),
          q: text({ min: 1, max: 80 }).optional(),
          ...Paging,
        }),
        response: { 200: pageOf(User) },
      },
    },
    async ({ query: { username, q, cursor, limit }, parleyAfter }) => {
      if (username !== undefined && q === undefined) {
        return { items: [...(await profiles.named(username, parleyAfter))], next: null };
      }
      if (q === undefined || username !== undefined) throw invalid('query', 'must have either username or q');
      const [from] = decodeCursor(Place, cursor) ?? [];
      const { items, next } = await profiles.search({ prefix: q, from, limit }, parleyAfter);
      return { items: [...items], next: next === null ? null : encodeCursor([next]) };
    },
  );
};
