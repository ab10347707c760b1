import type { ModelReader } from '../model-reader.ts';
import type { ContactQueries } from '../queries.ts';
import { sideKey } from './contacts.ts';

export const createContactQueries = (contacts: ModelReader): ContactQueries => {
  const ofUser = (userId: string, after: string | undefined, limit: number) => ({
    index: 'byUser',
    equal: [userId],
    ...(after !== undefined && { greaterThan: [after] }),
    limit,
  });
  return {
    contact: (userId, otherId) => contacts.get('contacts', sideKey(userId, otherId)),
    contacts: (userId, after, limit) => contacts.find('contacts', ofUser(userId, after, limit)),
    block: (userId, otherId) => contacts.get('blocks', sideKey(userId, otherId)),
    blocks: (userId, after, limit) => contacts.find('blocks', ofUser(userId, after, limit)),
  };
};
