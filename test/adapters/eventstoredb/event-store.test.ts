import { onTestFinished } from 'vitest';
import { EventStoreDbEventStore } from '../../../adapters/eventstoredb/event-store.ts';
import { eventStoreContract } from '../../contract/event-store.contract.ts';
import { Server } from '../../servers/eventstoredb/server.ts';
import { temporaryPath } from '../sqlite/temporary.ts';
import { newNamespace } from './namespaced.ts';

const given = process.env['EVENTSTOREDB_URL'];

if (given) {
  eventStoreContract('EventStoreDB, the server of the environment', async () => {
    const space = newNamespace(given);
    return { store: space.open(), reopen: async () => space.open() };
  });
} else {
  eventStoreContract('EventStoreDB, a fresh test server each time', async () => {
    const server = await Server.start({ host: '127.0.0.1', port: 0, folder: temporaryPath('data'), graceMs: 0 });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const open = () => new EventStoreDbEventStore({ url: server.url });
    return { store: open(), reopen: async () => open() };
  });
}
