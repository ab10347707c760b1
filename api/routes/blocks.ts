import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import { Block } from '../../schemas/user.ts';
import type { ContactService } from '../../services/contacts.ts';
import { decodeCursor, encodeCursor } from '../../services/cursor.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface BlockRoutesOptions {
  readonly contacts: Pick<ContactService, 'blocks' | 'block' | 'unblock'>;
}

const tags = ['blocks'];
const Place = z.tuple([Uuid]);
const params = z.strictObject({ userId: Uuid });

export const blockRoutes: FastifyPluginAsyncZod<BlockRoutesOptions> = async (app, { contacts }) => {
  app.get(
    '/blocks',
    {
      schema: {
        operationId: 'listBlocks',
        summary: 'List whom one has blocked',
        tags,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Block) },
      },
    },
    async ({ caller, parleyAfter, query: { cursor, limit } }) => {
      const [from] = decodeCursor(Place, cursor) ?? [];
      const { items, next } = await contacts.blocks(caller, { from, limit }, parleyAfter);
      return { items: [...items], next: next === null ? null : encodeCursor([next]) };
    },
  );

  app.put(
    '/blocks/:userId',
    {
      schema: {
        operationId: 'putBlock',
        summary: 'Block a user',
        tags,
        params,
        response: { 200: Block, 201: Block, ...problems('user/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await contacts.block(request.caller, request.params.userId)),
  );

  app.delete(
    '/blocks/:userId',
    {
      schema: {
        operationId: 'removeBlock',
        summary: 'Lift a block',
        tags,
        params,
        response: { 204: noContent, ...problems('user/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await contacts.unblock(request.caller, request.params.userId)),
  );
};
