import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { BullMqJobs } from '../adapters/bullmq/jobs.ts';
import { EventStoreDbEventStore } from '../adapters/eventstoredb/event-store.ts';
import { InProcessPresence } from '../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../adapters/in-process/pub-sub.ts';
import { InProcessRateLimiter } from '../adapters/in-process/rate-limiter.ts';
import { connectMongo } from '../adapters/mongodb/connection.ts';
import { MongoCredentialStore } from '../adapters/mongodb/credential-store.ts';
import { MongoDocumentStore } from '../adapters/mongodb/document-store.ts';
import { MongoSnapshotStore } from '../adapters/mongodb/snapshot-store.ts';
import { RedisPresence } from '../adapters/redis/presence.ts';
import { OpenSearchStore } from '../adapters/opensearch/search-store.ts';
import { RedisPubSub } from '../adapters/redis/pub-sub.ts';
import { RedisRateLimiter } from '../adapters/redis/rate-limiter.ts';
import { RedisSeqSets } from '../adapters/redis/seq-sets.ts';
import { SqliteCredentialStore } from '../adapters/sqlite/credential-store.ts';
import { SqliteDocumentStore } from '../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../adapters/sqlite/event-store.ts';
import { lockFolder } from '../adapters/sqlite/folder-lock.ts';
import { SqliteJobs } from '../adapters/sqlite/jobs.ts';
import { SqliteSearchStore } from '../adapters/sqlite/search-store.ts';
import { SqliteSnapshotStore } from '../adapters/sqlite/snapshot-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Jobs, JobSettings } from '../ports/jobs.ts';
import type { Presence } from '../ports/presence.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { SearchStore } from '../ports/search-store.ts';
import type { SeqSets } from '../ports/seq-sets.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import { unlimited } from '../services/rate-limits.ts';
import { BadConfiguration, type Config } from './config.ts';
import { mayBeShared } from './roles.ts';
import { dataFiles } from './data-files.ts';
import { whyNotToOpen } from './migration/files.ts';

export interface Ports {
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly search: SearchStore;
  readonly snapshots: SnapshotStore;
  readonly credentials: CredentialStore;
  readonly limiter: RateLimiter;
  /** Where there is Redis; else the documents are counted. */
  readonly seqSets: SeqSets | undefined;
  /** Between all processes where there is Redis, else within this one. */
  readonly pubSub: PubSub;
  /** What is done without anyone asking. */
  readonly jobs: Jobs;
  readonly presence: Presence;
}

export interface OpenOptions {
  readonly clock?: Clock;
  /** Take the folder for this process alone; what only looks leaves it to others. */
  readonly exclusive: boolean;
  /** Hears of servers that go and come back, where everything goes on without them. */
  readonly log?: Pick<Logger, 'info' | 'warn'>;
}

export type PortSettings = Pick<
  Config,
  'dataDir' | 'eventStoreDbUrl' | 'mongoDbUrl' | 'openSearchUrl' | 'openSearchCertificates' | 'redisUrl' | 'rateLimits'
>;

const limiterFor = (url: string | undefined, log: OpenOptions['log']): RateLimiter => {
  const ownCount = new InProcessRateLimiter();
  if (url === undefined) return ownCount;
  return new RedisRateLimiter({
    url,
    fallback: ownCount,
    // The error itself holds the command, and with it whom it was about.
    onDown: (error) => log?.warn({ error: String(error) }, 'Redis is away: this process counts rate limits for itself'),
    onUp: () => log?.info('Redis is back: rate limits are counted together'),
  });
};

const seqSetsFor = (url: string | undefined, log: OpenOptions['log']): SeqSets | undefined =>
  url === undefined
    ? undefined
    : new RedisSeqSets({
        url,
        onDown: (error) =>
          log?.warn({ error: String(error) }, 'Redis is away: unread messages are counted in the documents'),
        onUp: () => log?.info('Redis is back: unread messages are counted there'),
      });

const pubSubFor = (url: string | undefined, log: OpenOptions['log']): PubSub => {
  const onError = (error: unknown): void => log?.warn({ err: error }, 'A listener failed');
  if (url === undefined) return new InProcessPubSub({ onError });
  return new RedisPubSub({
    url,
    onError,
    onDown: (error) => log?.warn({ error: String(error) }, 'Redis is away: processes hear of each other later'),
    onUp: () => log?.info('Redis is back: processes hear of each other at once'),
  });
};

const presenceFor = (url: string | undefined, log: OpenOptions['log']): Presence => {
  if (url === undefined) return new InProcessPresence();
  return new RedisPresence({
    url,
    onDown: (error) => log?.warn({ error: String(error) }, 'Redis is away: nobody can be told who is there'),
    onUp: () => log?.info('Redis is back: it is known again who is there'),
  });
};

const jobsFor = (url: string | undefined, file: string, log: OpenOptions['log']): Jobs => {
  const onTrouble: JobSettings['onTrouble'] = (error, job) =>
    log?.warn({ error: error instanceof Error ? error.name : typeof error, kind: job?.kind }, 'A job failed');
  return url === undefined ? new SqliteJobs(file, { onTrouble }) : new BullMqJobs({ url, onTrouble });
};

const searchFor = ({ openSearchUrl, openSearchCertificates }: PortSettings, file: string): SearchStore =>
  openSearchUrl === undefined
    ? new SqliteSearchStore(file)
    : new OpenSearchStore({ url: openSearchUrl, certificates: openSearchCertificates });

/** Makes the data folder and takes it, unless what has to be one for all processes is elsewhere. */
const openFolder = (settings: PortSettings, exclusive: boolean): Disposable | undefined => {
  const { dataDir, eventStoreDbUrl, mongoDbUrl, openSearchUrl } = settings;
  const moved = whyNotToOpen(dataDir, { events: eventStoreDbUrl, credentials: mongoDbUrl });
  if (moved !== undefined) throw new BadConfiguration(`Bad configuration: ${moved}`);
  if (mayBeShared(settings) && openSearchUrl !== undefined) return undefined;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  if (mayBeShared(settings)) return undefined;
  if (eventStoreDbUrl !== undefined && existsSync(path.join(dataDir, dataFiles.events))) {
    throw new BadConfiguration(
      `Bad configuration: EVENTSTOREDB_URL is set, but ${dataDir} holds an event log of its own. Choose another DATA_DIR`,
    );
  }
  return exclusive ? lockFolder(dataDir) : undefined;
};

/** The event log alone. */
export const openEventStore = (
  { dataDir, eventStoreDbUrl }: Pick<PortSettings, 'dataDir' | 'eventStoreDbUrl'>,
  clock: Clock = Date.now,
): EventStore =>
  eventStoreDbUrl === undefined
    ? new SqliteEventStore(path.join(dataDir, dataFiles.events), { clock })
    : new EventStoreDbEventStore({ url: eventStoreDbUrl });

/** The jobs alone; undefined where each process has its own in memory. */
export const openJobs = (settings: PortSettings): Jobs | undefined =>
  settings.redisUrl === undefined && mayBeShared(settings)
    ? undefined
    : jobsFor(settings.redisUrl, path.join(settings.dataDir, dataFiles.jobs), undefined);

/** The only place that knows which product stands behind a port. What is opened here is closed in reverse order. */
export const openPorts = async (
  settings: PortSettings,
  { clock = Date.now, exclusive, log }: OpenOptions,
): Promise<Ports & AsyncDisposable> => {
  const { dataDir, mongoDbUrl, redisUrl, rateLimits } = settings;
  const file = (port: keyof typeof dataFiles): string => path.join(dataDir, dataFiles[port]);
  await using opening = new AsyncDisposableStack();
  opening.use(openFolder(settings, exclusive));
  const mongo = mongoDbUrl === undefined ? undefined : opening.use(await connectMongo(mongoDbUrl));
  const ports: Ports = {
    events: opening.use(openEventStore(settings, clock)),
    documents: opening.use(mongo ? new MongoDocumentStore(mongo) : new SqliteDocumentStore(file('documents'))),
    search: opening.use(searchFor(settings, file('search'))),
    snapshots: opening.use(mongo ? new MongoSnapshotStore(mongo) : new SqliteSnapshotStore(file('snapshots'))),
    credentials: opening.use(mongo ? new MongoCredentialStore(mongo) : new SqliteCredentialStore(file('credentials'))),
    limiter: opening.use(rateLimits ? limiterFor(redisUrl, log) : unlimited),
    seqSets: opening.use(seqSetsFor(redisUrl, log)),
    pubSub: opening.use(pubSubFor(redisUrl, log)),
    // Without a folder they last as long as the process: what must happen is found again at its start.
    jobs: opening.use(jobsFor(redisUrl, mayBeShared(settings) ? ':memory:' : file('jobs'), log)),
    presence: opening.use(presenceFor(redisUrl, log)),
  };
  const opened = opening.move();
  return { ...ports, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
