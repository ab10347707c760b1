import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Bot, BotToken, IssuedBotToken, NewBot, NewBotToken } from '../../schemas/bot.ts';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import type { BotService } from '../../services/bots.ts';
import { pageById } from '../page-by-id.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface BotRoutesOptions {
  readonly bots: BotService;
}

const tags = ['bots'];
export const botParams = z.strictObject({ botId: Uuid });

/** Bots of the caller, and the tokens that they call with. */
export const botRoutes: FastifyPluginAsyncZod<BotRoutesOptions> = async (app, { bots }) => {
  app.post(
    '/bots',
    {
      schema: {
        operationId: 'createBot',
        summary: 'Make a bot',
        description: 'An account without a password, owned by the caller. It calls with tokens.',
        tags,
        body: NewBot,
        response: { 201: Bot, ...problems('user/name-taken', 'bot/too-many') },
      },
    },
    async ({ caller, body }, reply) => sendWritten(reply, await bots.create(caller, body)),
  );

  app.get(
    '/bots',
    {
      schema: {
        operationId: 'listBots',
        summary: "List one's bots",
        tags,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Bot) },
      },
    },
    async ({ caller, query }) => pageById(await bots.list(caller), ({ userId }) => userId, query),
  );

  app.delete(
    '/bots/:botId',
    {
      schema: {
        operationId: 'removeBot',
        summary: 'Erase a bot',
        tags,
        params: botParams,
        response: { 204: noContent, ...problems('bot/not-found') },
      },
    },
    async ({ caller, params }, reply) => sendWritten(reply, await bots.remove(caller, params.botId)),
  );

  app.post(
    '/bots/:botId/tokens',
    {
      schema: {
        operationId: 'issueBotToken',
        summary: 'Issue a token for a bot',
        description: 'The token itself is shown in this answer only.',
        tags,
        params: botParams,
        body: NewBotToken,
        response: { 201: IssuedBotToken, ...problems('bot/not-found', 'bot/too-many') },
      },
    },
    async ({ caller, params, body }, reply) => sendWritten(reply, await bots.issue(caller, params.botId, body)),
  );

  app.get(
    '/bots/:botId/tokens',
    {
      schema: {
        operationId: 'listBotTokens',
        summary: 'List the tokens of a bot',
        tags,
        params: botParams,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(BotToken), ...problems('bot/not-found') },
      },
    },
    async ({ caller, params, query }) =>
      pageById(await bots.tokens(caller, params.botId), ({ tokenId }) => tokenId, query),
  );

  app.delete(
    '/bots/:botId/tokens/:tokenId',
    {
      schema: {
        operationId: 'revokeBotToken',
        summary: 'Revoke a token of a bot',
        description: 'At once; an open socket of it is closed with 4403.',
        tags,
        params: z.strictObject({ botId: Uuid, tokenId: Uuid }),
        response: { 204: noContent, ...problems('bot/not-found', 'bot/token-not-found') },
      },
    },
    async ({ caller, params }, reply) => sendWritten(reply, await bots.revoke(caller, params.botId, params.tokenId)),
  );
};
