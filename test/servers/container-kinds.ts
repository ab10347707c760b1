import { MongoClient } from 'mongodb';
import type { ContainerKind } from './container-server.ts';
import { isMongoReady, isOpenSearchReady, isRedisReady } from './readiness.ts';
import type { ReadinessProbe } from './running-server.ts';

/** The same releases as in docker-compose.yml. */
export const images = {
  eventStoreDb: 'eventstore/eventstore:24.2.0-jammy',
  mongoDb: 'mongo:8.0.4',
  redis: 'redis:7.4.1-alpine',
  openSearch: 'opensearchproject/opensearch:3.8.0',
} as const;

export const redisContainer: ContainerKind = {
  image: images.redis,
  port: 6379,
  command: ['redis-server', '--save', '', '--appendonly', 'yes', '--protected-mode', 'no'],
  isReady: isRedisReady,
};

/** The set has to be made by the first client that asks; its one member knows itself by its port inside. */
const isReplicaSetReady: ReadinessProbe = async (port) => {
  if (!(await isMongoReady(port))) return false;
  const options = { directConnection: true, serverSelectionTimeoutMS: 500, connectTimeoutMS: 500 };
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, options);
  try {
    const admin = client.db('admin');
    const { setName, isWritablePrimary } = await admin.command({ hello: 1 });
    if (setName === undefined) {
      const members = [{ _id: 0, host: '127.0.0.1:27017' }];
      await admin.command({ replSetInitiate: { _id: 'parley', members } });
    }
    return isWritablePrimary === true && setName !== undefined;
  } finally {
    await client.close();
  }
};

export const mongoContainer: ContainerKind = {
  image: images.mongoDb,
  port: 27_017,
  command: ['mongod', '--replSet', 'parley', '--bind_ip_all'],
  isReady: isReplicaSetReady,
};

export const openSearchContainer: ContainerKind = {
  image: images.openSearch,
  port: 9200,
  environment: {
    'discovery.type': 'single-node',
    'action.auto_create_index': 'false',
    DISABLE_SECURITY_PLUGIN: 'true',
    DISABLE_INSTALL_DEMO_CONFIG: 'true',
    OPENSEARCH_JAVA_OPTS: '-Xms512m -Xmx512m',
  },
  isReady: isOpenSearchReady,
};

/** One node without certificates, as the test server is. */
export const eventStoreDbContainer = (isReady: ReadinessProbe): ContainerKind => ({
  image: images.eventStoreDb,
  port: 2113,
  environment: { EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1' },
  isReady,
});
