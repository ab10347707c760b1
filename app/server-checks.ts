import { checkEventStoreDb } from '../adapters/eventstoredb/check.ts';
import { checkMongo } from '../adapters/mongodb/check.ts';
import { checkOpenSearch } from '../adapters/opensearch/check.ts';
import { checkRedis } from '../adapters/redis/check.ts';
import type { ServerCheck } from '../ports/server-check.ts';
import type { Config } from './config.ts';

export interface CheckedServer extends ServerCheck {
  readonly product: string;
  /** The setting that names it. */
  readonly setting: string;
  /** What is kept there. */
  readonly holds: string;
  /** Without it nothing can be started; without the others most goes on. */
  readonly isNeeded: boolean;
}

interface Checkable extends Pick<CheckedServer, 'product' | 'setting' | 'holds' | 'isNeeded'> {
  readonly url: (config: ServerSettings) => string | undefined;
  readonly check: (url: string, config: ServerSettings) => Promise<ServerCheck>;
}

export type ServerSettings = Pick<
  Config,
  'eventStoreDbUrl' | 'mongoDbUrl' | 'openSearchUrl' | 'openSearchCertificates' | 'redisUrl'
>;

const servers: readonly Checkable[] = [
  {
    product: 'EventStoreDB',
    setting: 'EVENTSTOREDB_URL',
    holds: 'events',
    isNeeded: true,
    url: ({ eventStoreDbUrl }) => eventStoreDbUrl,
    check: checkEventStoreDb,
  },
  {
    product: 'MongoDB',
    setting: 'MONGODB_URL',
    holds: 'read models, snapshots, keys and credentials',
    isNeeded: true,
    url: ({ mongoDbUrl }) => mongoDbUrl,
    check: checkMongo,
  },
  {
    product: 'Redis',
    setting: 'REDIS_URL',
    holds: 'rate limits, unread counts, presence, jobs and messages between processes',
    isNeeded: false,
    url: ({ redisUrl }) => redisUrl,
    check: checkRedis,
  },
  {
    product: 'OpenSearch',
    setting: 'OPENSEARCH_URL',
    holds: 'the search index',
    isNeeded: false,
    url: ({ openSearchUrl }) => openSearchUrl,
    check: (url, { openSearchCertificates: certificates }) => checkOpenSearch({ url, certificates }),
  },
];

const checkEach = async (config: ServerSettings, of: readonly Checkable[]): Promise<readonly CheckedServer[]> =>
  await Promise.all(
    of.flatMap(({ url, check, ...server }) => {
      const address = url(config);
      return address === undefined ? [] : [check(address, config).then((found) => ({ ...found, ...server }))];
    }),
  );

/** Looks at every server that the settings name, each for itself: what is wrong with one hides no other. */
export const checkServers = (config: ServerSettings): Promise<readonly CheckedServer[]> => checkEach(config, servers);

/** Those that must be there for a start, and do not answer. */
export const missingServers = async (config: ServerSettings): Promise<readonly CheckedServer[]> => {
  const needed = servers.filter(({ isNeeded }) => isNeeded);
  return (await checkEach(config, needed)).filter(({ isAway }) => isAway);
};
