import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import { Contact } from '../../schemas/user.ts';
import type { ContactService } from '../../services/contacts.ts';
import { decodeCursor, encodeCursor } from '../../services/cursor.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface ContactRoutesOptions {
  readonly contacts: Pick<ContactService, 'contacts' | 'put' | 'remove'>;
}

const tags = ['contacts'];
const Place = z.tuple([Uuid]);
const params = z.strictObject({ userId: Uuid });

export const contactRoutes: FastifyPluginAsyncZod<ContactRoutesOptions> = async (app, { contacts }) => {
  app.get(
    '/contacts',
    {
      schema: {
        operationId: 'listContacts',
        summary: 'List contacts and open requests',
        tags,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Contact) },
      },
    },
    async ({ caller, parleyAfter, query: { cursor, limit } }) => {
      const [from] = decodeCursor(Place, cursor) ?? [];
      const { items, next } = await contacts.contacts(caller, { from, limit }, parleyAfter);
      return { items: [...items], next: next === null ? null : encodeCursor([next]) };
    },
  );

  app.put(
    '/contacts/:userId',
    {
      schema: {
        operationId: 'putContact',
        summary: 'Request or accept a contact',
        tags,
        params,
        response: { 200: Contact, 201: Contact, ...problems('contact/blocked', 'user/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await contacts.put(request.caller, request.params.userId)),
  );

  app.delete(
    '/contacts/:userId',
    {
      schema: {
        operationId: 'removeContact',
        summary: 'Remove a contact, or withdraw or decline a request',
        tags,
        params,
        response: { 204: noContent, ...problems('user/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await contacts.remove(request.caller, request.params.userId)),
  );
};
