import { afterAll, beforeAll } from 'vitest';
import { eventStoreContract } from '../../contract/event-store.contract.ts';
import { startEventStoreDb, type EventStoreDb } from '../../servers/event-store-db.ts';
import { newNamespace } from './namespaced.ts';

const given = process.env['EVENTSTOREDB_URL'];
let server: EventStoreDb | undefined;

beforeAll(async () => {
  if (!given) server = await startEventStoreDb();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

eventStoreContract(`EventStoreDB, ${given ? 'the server of the environment' : 'the test server'}`, async () => {
  const space = newNamespace(given || server!.url);
  return { store: space.open(), reopen: async () => space.open() };
});
