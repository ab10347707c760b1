import path from 'node:path';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { hasContainerEngine } from './container-engine.ts';
import { eventStoreDbContainer } from './container-kinds.ts';
import { ContainerServer } from './container-server.ts';
import type { RunningServer } from './running-server.ts';
import { ServerProcess, type ServerKind } from './server-process.ts';

const script = path.join(import.meta.dirname, 'eventstoredb/main.ts');

/** A running server that tests can be hard on. */
export interface EventStoreDb extends RunningServer {
  readonly url: string;
}

const urlOf = (port: number): string => `esdb://127.0.0.1:${port}?tls=false`;

const isReady = async (port: number): Promise<boolean> => {
  await using store = new EventStoreDbEventStore({ url: urlOf(port), timeoutMs: 1_000 });
  await store.head();
  return true;
};

const eventStoreDb: ServerKind = {
  name: 'esdb',
  program: { command: process.execPath, args: [script] },
  args: (port, folder) => ['--port', `${port}`, '--data', path.join(folder, 'data'), '--end-with-stdin'],
  isReady,
  endsWithInput: true,
};

/** A server of its own, on a fresh folder. Resolves when it answers; rejects at once when its process ends. */
export const startEventStoreDb = async (): Promise<EventStoreDb> => {
  const server = hasContainerEngine()
    ? await ContainerServer.start(eventStoreDbContainer(isReady))
    : await ServerProcess.start(eventStoreDb);
  return Object.assign(server, { url: urlOf(server.port) });
};
