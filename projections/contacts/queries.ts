import type { ModelReader } from '../model-reader.ts';
import type { ContactQueries } from '../queries.ts';
import { sideKey } from './contacts.ts';
import type { BlockDocument, ContactDocument } from './documents.ts';

export const createContactQueries = (contacts: ModelReader): ContactQueries => {
  const ofUser = (userId: string, after: string | undefined, limit: number) => ({
    index: 'byUser',
    equal: [userId],
    ...(after !== undefined && { greaterThan: [after] }),
    limit,
  });
  return {
    async relations(userId, otherIds) {
      const mine = otherIds.map((otherId) => sideKey(userId, otherId));
      const both = [...mine, ...otherIds.map((otherId) => sideKey(otherId, userId))];
      const [found, blocks] = await Promise.all([
        contacts.getMany<ContactDocument>('contacts', mine),
        contacts.getMany<BlockDocument>('blocks', both),
      ]);
      return new Map(
        otherIds.map((otherId, index) => [
          otherId,
          {
            isContact: found.get(mine[index]!)?.state === 'accepted',
            isBlocked: blocks.has(mine[index]!) || blocks.has(sideKey(otherId, userId)),
          },
        ]),
      );
    },
    contact: (userId, otherId) => contacts.get('contacts', sideKey(userId, otherId)),
    contacts: (userId, after, limit) => contacts.find('contacts', ofUser(userId, after, limit)),
    block: (userId, otherId) => contacts.get('blocks', sideKey(userId, otherId)),
    blocks: (userId, after, limit) => contacts.find('blocks', ofUser(userId, after, limit)),
  };
};
