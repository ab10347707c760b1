import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Me, ProfilePatch } from '../../schemas/user.ts';
import type { AccountService } from '../../services/accounts.ts';
import type { ProfileService } from '../../services/profiles.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface MeRoutesOptions {
  readonly accounts: Pick<AccountService, 'erase'>;
  readonly profiles: Pick<ProfileService, 'me' | 'change'>;
}

const tags = ['me'];

export const meRoutes: FastifyPluginAsyncZod<MeRoutesOptions> = async (app, { accounts, profiles }) => {
  app.get(
    '/me',
    {
      schema: {
        operationId: 'getMe',
        summary: "See one's own profile",
        tags,
        response: { 200: Me, ...problems('user/not-found') },
      },
    },
    async ({ caller }) => profiles.me(caller),
  );

  app.patch(
    '/me',
    {
      schema: {
        operationId: 'changeMe',
        summary: "Change one's own profile",
        description: 'Fields that are given replace; null clears. `readReceipts: false` works both ways.',
        tags,
        body: ProfilePatch,
        response: { 200: Me, ...problems('user/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await profiles.change(request.caller, request.body)),
  );

  app.delete(
    '/me',
    {
      schema: {
        operationId: 'eraseMe',
        summary: "Erase one's account",
        description: 'Messages stay, under the bare id. What the account owned passes to who has been there longest.',
        tags,
        response: { 204: noContent, ...problems('user/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await accounts.erase(request.caller)),
  );
};
