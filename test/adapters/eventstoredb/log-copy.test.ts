import { onTestFinished } from 'vitest';
import { EventStoreDbEventStore } from '../../../adapters/eventstoredb/event-store.ts';
import { EventStoreDbLogCopy } from '../../../adapters/eventstoredb/log-copy.ts';
import { logCopyContract, type CopyPlace } from '../../contract/log-copy.contract.ts';
import { Server } from '../../servers/eventstoredb/server.ts';
import { temporaryPath } from '../sqlite/temporary.ts';

for (const inFlight of [64, 1]) {
  logCopyContract(`EventStoreDB, ${inFlight} appends on their way`, async () => {
    const server = await Server.start({ host: '127.0.0.1', port: 0, folder: temporaryPath('data'), graceMs: 0 });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const scope = new AsyncDisposableStack();
    const copy = scope.use(new EventStoreDbLogCopy({ url: server.url, inFlight }));
    const events = scope.use(new EventStoreDbEventStore({ url: server.url }));
    const place: CopyPlace = { copy, events, [Symbol.asyncDispose]: () => scope.disposeAsync() };
    return { store: place };
  });
}
