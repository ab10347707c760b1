import { describe } from 'vitest';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { newPrefix } from '../adapters/opensearch/opened.ts';
import { startEventStoreDb } from '../servers/event-store-db.ts';
import { describeWith } from '../servers/suite.ts';
import { firstOf, loadTraffic } from '../support/traffic.ts';
import { crashSuite } from './suites/crash.ts';
import type { Settings } from './suites/settings.ts';
import { slackSuite } from './suites/slack.ts';

/** `EACH_SERVER=whole` plays all of the traffic, and kills as often as without servers. */
const isWhole = process.env['EACH_SERVER'] === 'whole';
const traffic = isWhole ? loadTraffic() : firstOf(loadTraffic(), 430);
const socketsOf = isWhole ? 250 : 30;
const crashes = isWhole ? { people: 12, kills: 22 } : { people: 6, kills: 3 };

/** With one of its stores elsewhere a server does what it does with its data folder alone. */
const liveWith = (product: string, settings: Settings): void => {
  slackSuite({ title: `A community on ${product}`, traffic, socketsOf, settings });
  crashSuite({ title: `A server on ${product}`, ...crashes, settings });
};

describe('With EVENTSTOREDB_URL alone', () => {
  liveWith('EventStoreDB', async (scope) => ({ EVENTSTOREDB_URL: scope.use(await startEventStoreDb()).url }));
});

describeWith(['mongodb'], 'With MONGODB_URL alone', ({ mongodb }) => {
  liveWith('MongoDB', () => ({ MONGODB_URL: newDatabase(mongodb.url) }));
});

describeWith(['redis'], 'With REDIS_URL alone', ({ redis }) => {
  liveWith('Redis', () => ({ REDIS_URL: redis.url }));
});

describeWith(['opensearch'], 'With OPENSEARCH_URL alone', ({ opensearch }) => {
  liveWith('OpenSearch', () => ({ OPENSEARCH_URL: newPrefix(opensearch.url) }));
});
