import { describe, expect, test } from 'vitest';
import { BadConfiguration, loadConfig } from '../../app/config.ts';

test('without settings it is the embedded server on ./data', () => {
  expect(loadConfig({})).toEqual({
    port: 8080,
    host: '127.0.0.1',
    dataDir: './data',
    opsPort: undefined,
    drainSeconds: 5,
    rateLimits: true,
    accessTokenSeconds: 900,
    logLevel: 'info',
    socketsPerAddress: 1_000,
    trustedProxies: 0,
    corsOrigins: [],
    webhooksToPrivate: false,
    roles: ['api', 'realtime', 'projector', 'worker'],
    projectionShards: 1,
  });
});

test('every setting is read, and what is empty counts as not set', () => {
  const settings = {
    PORT: '0',
    HOST: '::1',
    DATA_DIR: '/srv/parley',
    OPS_PORT: '9090',
    DRAIN_SECONDS: '20',
    RATE_LIMITS: 'off',
    ACCESS_TOKEN_SECONDS: '60',
    LOG_LEVEL: 'warn',
    SOCKETS_PER_ADDRESS: '50',
    TRUSTED_PROXIES: '2',
    CORS_ORIGINS: 'https://chat.example, http://localhost:5173,capacitor://localhost',
    WEBHOOKS_TO_PRIVATE: 'on',
    ROLES: 'worker, api',
    EVENTSTOREDB_URL: 'esdb://127.0.0.1:2113?tls=false',
    MONGODB_URL: 'mongodb://db/chat',
    REDIS_URL: 'rediss://cache',
    OPENSEARCH_URL: 'https://search/chat',
    OPENSEARCH_CA: '/etc/ca.pem',
    S3_URL: '',
    HOME: '/root',
  };
  expect(loadConfig(settings)).toEqual({
    port: 0,
    host: '::1',
    dataDir: '/srv/parley',
    opsPort: 9090,
    mongoDbUrl: 'mongodb://db/chat',
    openSearchUrl: 'https://search/chat',
    openSearchCertificates: '/etc/ca.pem',
    redisUrl: 'rediss://cache',
    drainSeconds: 20,
    rateLimits: false,
    accessTokenSeconds: 60,
    logLevel: 'warn',
    socketsPerAddress: 50,
    trustedProxies: 2,
    corsOrigins: ['https://chat.example', 'http://localhost:5173', 'capacitor://localhost'],
    webhooksToPrivate: true,
    eventStoreDbUrl: 'esdb://127.0.0.1:2113?tls=false',
    roles: ['api', 'worker'],
    projectionShards: 4,
  });
  expect(loadConfig({ PORT: '' }).port).toBe(8080);
});

describe('a wrong setting is named', () => {
  test.each([
    [{ PORT: 'http' }, 'PORT must be a whole number'],
    [{ PORT: '-1' }, 'PORT must be a whole number'],
    [{ PORT: '70000' }, 'PORT must be at most 65535'],
    [{ OPS_PORT: '1e3' }, 'OPS_PORT must be a whole number'],
    [{ RATE_LIMITS: 'yes' }, 'RATE_LIMITS must be on or off'],
    [{ ACCESS_TOKEN_SECONDS: '0' }, 'ACCESS_TOKEN_SECONDS must be at least 1'],
    [{ EVENTSTOREDB_URL: 'http://127.0.0.1:2113' }, 'EVENTSTOREDB_URL must start with esdb:// or esdb+discover://'],
    [{ MONGODB_URL: 'http://ann:pw@db' }, 'MONGODB_URL must be a URL that begins with mongodb:// or mongodb+srv://'],
    [{ OPENSEARCH_URL: 'search:9200' }, 'OPENSEARCH_URL must be a URL that begins with https:// or http://'],
    [{ REDIS_URL: 'cache:6379' }, 'REDIS_URL must be a URL that begins with redis:// or rediss://'],
    [{ PROJECTION_SHARDS: '65' }, 'PROJECTION_SHARDS must be at most 64'],
    [{ SOCKETS_PER_ADDRESS: '0' }, 'SOCKETS_PER_ADDRESS must be at least 1'],
    [{ TRUSTED_PROXIES: '11' }, 'TRUSTED_PROXIES must be at most 10'],
    [{ ROLES: 'api,chef' }, 'ROLES must be some of api, realtime, projector, worker, relay, with commas in between'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent'],
  ])('%j', (env, message) => {
    expect(() => loadConfig(env)).toThrow(new BadConfiguration(`Bad configuration: ${message}`));
  });

  test.each(['*', 'null', 'chat.example', 'https://chat.example/', 'https://chat.example:443', 'https://a.example,'])(
    'CORS_ORIGINS must be origins, and %s is none',
    (origins) => {
      const message = 'CORS_ORIGINS must be origins such as https://chat.example, with commas in between';
      expect(() => loadConfig({ CORS_ORIGINS: origins })).toThrow(`Bad configuration: ${message}`);
    },
  );

  test('and all of them at once', () => {
    expect(() => loadConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT .*; LOG_LEVEL /);
  });
});

test('roles are divided only where processes share servers, and what is missing is said', () => {
  const esdb = { EVENTSTOREDB_URL: 'esdb://log' };
  const refused = /ROLES is api, but only processes that share servers can divide the roles: set/;
  expect(() => loadConfig({ ROLES: 'api' })).toThrow(refused);
  expect(() => loadConfig({ ROLES: 'api', ...esdb })).toThrow(/: set MONGODB_URL, or leave ROLES unset$/);
  expect(loadConfig({ ROLES: 'worker,projector,realtime,api' }).roles).toHaveLength(4);
});

test.each([['S3_URL', 'http://127.0.0.1:7070', 'S3']])(
  '%s is refused, and not silently passed over',
  (name, url, product) => {
    expect(() => loadConfig({ [name]: url })).toThrow(
      `Bad configuration: ${name} is set, but this version has no adapter for ${product}: unset it`,
    );
  },
);
