import { expect, test } from 'vitest';
import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import { DocumentStoreUnavailable } from '../../../ports/document-store.ts';
import { documentOf, wordsQuery } from '../../contract/search-documents.ts';
import { temporaryPath } from './temporary.ts';

const things = { name: 'things', fields: [], indexes: [] };

const openStore = async (): Promise<SqliteSearchStore> => {
  const store = new SqliteSearchStore(temporaryPath('search.db'));
  await store.ensure([things]);
  await store.commit([{ collection: things.name, id: 'a', position: 1n, body: documentOf('hello') }]);
  return store;
};

test('more searches at once than can be waited for are refused, and those after them are not', async () => {
  await using store = await openStore();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 150 }, () => store.search(things.name, wordsQuery('hello'))),
  );
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(50);
  for (const { reason } of refused as readonly PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(DocumentStoreUnavailable);
  }
  expect((await store.search(things.name, wordsQuery('hello'))).hits).toHaveLength(1);
});

test('a search that is under way when the store is closed is told so', async () => {
  const store = await openStore();
  const searching = store.search(things.name, wordsQuery('hello'));
  const outcome = Promise.allSettled([searching]);
  await store[Symbol.asyncDispose]();
  expect(await outcome).toMatchObject([{ status: 'rejected', reason: expect.any(DocumentStoreUnavailable) }]);
  await expect(store.search(things.name, wordsQuery('hello'))).rejects.toThrow(DocumentStoreUnavailable);
});
