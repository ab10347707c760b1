import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { EventStoreDbEventStore } from '../adapters/eventstoredb/event-store.ts';
import { InProcessRateLimiter } from '../adapters/in-process/rate-limiter.ts';
import { SqliteCredentialStore } from '../adapters/sqlite/credential-store.ts';
import { SqliteDocumentStore } from '../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../adapters/sqlite/event-store.ts';
import { lockFolder } from '../adapters/sqlite/folder-lock.ts';
import { SqliteSnapshotStore } from '../adapters/sqlite/snapshot-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import { unlimited } from '../services/rate-limits.ts';
import { BadConfiguration, type Config } from './config.ts';

export interface Ports {
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly snapshots: SnapshotStore;
  readonly credentials: CredentialStore;
  readonly limiter: RateLimiter;
}

export interface OpenOptions {
  readonly clock?: Clock;
  /** Take the folder for this process alone; what only looks leaves it to others. */
  readonly exclusive: boolean;
}

/** The files of the embedded profile, below the data folder. */
export const dataFiles = {
  events: 'events.db',
  documents: 'read-models.db',
  snapshots: 'snapshots.db',
  credentials: 'secrets.db',
} as const;

/** The only place that knows which product stands behind a port. What is opened here is closed in reverse order. */
export const openPorts = async (
  { dataDir, rateLimits, eventStoreDbUrl }: Pick<Config, 'dataDir' | 'rateLimits' | 'eventStoreDbUrl'>,
  { clock = Date.now, exclusive }: OpenOptions,
): Promise<Ports & AsyncDisposable> => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  const file = (port: keyof typeof dataFiles): string => path.join(dataDir, dataFiles[port]);
  await using opening = new AsyncDisposableStack();
  if (eventStoreDbUrl !== undefined && existsSync(file('events'))) {
    throw new BadConfiguration(
      `Bad configuration: EVENTSTOREDB_URL is set, but ${dataDir} holds an event log of its own. Choose another DATA_DIR`,
    );
  }
  if (exclusive) opening.use(lockFolder(dataDir));
  const ports: Ports = {
    events: opening.use(
      eventStoreDbUrl === undefined
        ? new SqliteEventStore(file('events'), { clock })
        : new EventStoreDbEventStore({ url: eventStoreDbUrl }),
    ),
    documents: opening.use(new SqliteDocumentStore(file('documents'))),
    snapshots: opening.use(new SqliteSnapshotStore(file('snapshots'))),
    credentials: opening.use(new SqliteCredentialStore(file('credentials'))),
    limiter: opening.use(rateLimits ? new InProcessRateLimiter() : unlimited),
  };
  const opened = opening.move();
  return { ...ports, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
