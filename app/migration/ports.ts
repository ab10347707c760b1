import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { EventStoreDbLogCopy } from '../../adapters/eventstoredb/log-copy.ts';
import { connectMongo } from '../../adapters/mongodb/connection.ts';
import { MongoCredentialStore } from '../../adapters/mongodb/credential-store.ts';
import { MongoDocumentStore } from '../../adapters/mongodb/document-store.ts';
import { OpenSearchStore } from '../../adapters/opensearch/search-store.ts';
import { SqliteCredentialStore } from '../../adapters/sqlite/credential-store.ts';
import { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../../adapters/sqlite/event-store.ts';
import { SqliteLogCopy } from '../../adapters/sqlite/log-copy.ts';
import type { CredentialStore } from '../../ports/credential-store.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import type { EventStore } from '../../ports/event-store.ts';
import type { LogCopy } from '../../ports/log-copy.ts';
import type { SearchStore } from '../../ports/search-store.ts';
import type { Config } from '../config.ts';
import { dataFiles } from '../data-files.ts';

/** What a side keeps of a log, and how it becomes the copy of another one. */
export interface LogPlace {
  readonly events: EventStore;
  openCopy(): LogCopy;
}

export interface Servers {
  readonly log: LogPlace | undefined;
  readonly credentials: CredentialStore | undefined;
  readonly documents: DocumentStore | undefined;
  readonly search: SearchStore | undefined;
}

/** The servers that the settings name. */
export const openServers = async (
  { eventStoreDbUrl, mongoDbUrl, openSearchUrl, openSearchCertificates }: Config,
  scope: AsyncDisposableStack,
): Promise<Servers> => {
  const mongo = mongoDbUrl === undefined ? undefined : scope.use(await connectMongo(mongoDbUrl));
  return {
    log: eventStoreDbUrl === undefined ? undefined : serverLog(eventStoreDbUrl, scope),
    credentials: mongo && scope.use(new MongoCredentialStore(mongo)),
    documents: mongo && scope.use(new MongoDocumentStore(mongo)),
    search:
      openSearchUrl === undefined
        ? undefined
        : scope.use(new OpenSearchStore({ url: openSearchUrl, certificates: openSearchCertificates })),
  };
};

const serverLog = (url: string, scope: AsyncDisposableStack): LogPlace => ({
  events: scope.use(new EventStoreDbEventStore({ url })),
  openCopy: () => new EventStoreDbLogCopy({ url }),
});

/** The log in a folder. Makes the file where there is none. */
export const folderLog = (folder: string, scope: AsyncDisposableStack): LogPlace => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, dataFiles.events);
  return { events: scope.use(new SqliteEventStore(file)), openCopy: () => new SqliteLogCopy(file) };
};

export const folderCredentials = (folder: string, scope: AsyncDisposableStack): CredentialStore => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return scope.use(new SqliteCredentialStore(path.join(folder, dataFiles.credentials)));
};

export const folderDocuments = (folder: string, scope: AsyncDisposableStack): DocumentStore =>
  scope.use(new SqliteDocumentStore(path.join(folder, dataFiles.documents)));
