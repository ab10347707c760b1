import { z } from 'zod';
import { allThatOneNeeds, isRole, missingForSplit, roles, type Role } from './roles.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Health, readiness and metrics listen here when it is set, and then nowhere else. */
  readonly opsPort: number | undefined;
  /** Read models, snapshots, keys and credentials are there when it is set, else in the data folder. */
  readonly mongoDbUrl: string | undefined;
  /** The search index is there when it is set, else in the data folder. It may hold a password: never to be shown. */
  readonly openSearchUrl: string | undefined;
  /** A file with the certificates that OpenSearch's own may be signed by. */
  readonly openSearchCertificates: string | undefined;
  /** Rate limits are counted there when it is set, for all nodes together, else in this process. */
  readonly redisUrl: string | undefined;
  readonly rateLimits: boolean;
  readonly accessTokenSeconds: number;
  readonly logLevel: LogLevel;
  /** The event log is kept there instead of in the data folder. It may hold a password: never to be shown. */
  readonly eventStoreDbUrl: string | undefined;
  /** Open sockets of one address on one process. */
  readonly socketsPerAddress: number;
  /** How many proxies of one's own a request comes through; what the outermost says of its address is believed. */
  readonly trustedProxies: number;
  /** Of pages that may use the API beside those of the server's own origin, each as browsers write it. */
  readonly corsOrigins: readonly string[];
  /** Webhooks may go to addresses of one's own network, and without https. */
  readonly webhooksToPrivate: boolean;
  /** What this process does; each role once. */
  readonly roles: readonly Role[];
  /** Over how long the sockets of a process that ends are closed. */
  readonly drainSeconds: number;
  /** Into how many parts read models that are made from now on are divided. */
  readonly projectionShards: number;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The environment asks for something that this program cannot do. The message names each setting that is wrong. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
}

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

const port = whole(0, 65_535);

/** Messages never repeat a URL: it may hold a password. */
const url = (...schemes: readonly string[]) =>
  z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)), {
    message: `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const roleList = z
  .string()
  .transform((text) => text.split(',').map((role) => role.trim()))
  .refine((given) => given.every((role) => isRole(role)), `must be some of ${roles.join(', ')}, with commas in between`)
  .transform((given) => roles.filter((role) => given.includes(role)));

/** As a browser writes it: programs that show pages have schemes of their own, and no other form is ever sent. */
const isOrigin = (text: string): boolean =>
  /^https?:/.test(text)
    ? URL.canParse(text) && new URL(text).origin === text
    : /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+$/.test(text);

const originList = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((given) => given.every(isOrigin), 'must be origins such as https://chat.example, with commas in between');

const Environment = z.object({
  PORT: port.default(8080),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  OPS_PORT: port.optional(),
  MONGODB_URL: url('mongodb', 'mongodb+srv').optional(),
  OPENSEARCH_URL: url('https', 'http').optional(),
  OPENSEARCH_CA: z.string().optional(),
  REDIS_URL: url('redis', 'rediss').optional(),
  RATE_LIMITS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  ACCESS_TOKEN_SECONDS: whole(1, 31_536_000).default(900),
  EVENTSTOREDB_URL: z
    .string()
    .regex(/^esdb(\+discover)?:\/\/./, 'must start with esdb:// or esdb+discover://')
    .optional(),
  ROLES: roleList.default([...allThatOneNeeds]),
  PROJECTION_SHARDS: whole(1, 64).optional(),
  SOCKETS_PER_ADDRESS: whole(1, 1_000_000).default(1_000),
  TRUSTED_PROXIES: whole(0, 10).default(0),
  CORS_ORIGINS: originList.default([]),
  WEBHOOKS_TO_PRIVATE: z.enum(['on', 'off'], 'must be on or off').default('off'),
  DRAIN_SECONDS: whole(0, 3_600).default(5),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

const servers = {
  S3_URL: 'S3',
} as const;

/** Names of all settings there are. */
export const settingNames: readonly string[] = [...Object.keys(Environment.shape), ...Object.keys(servers)];

/** Settings by the contract. What is empty counts as not set. Throws `BadConfiguration`. */
export const loadConfig = (env: NodeJS.ProcessEnv): Config => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Environment.safeParse(set);
  const wrong = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`),
    ...Object.entries(servers)
      .filter(([name]) => set[name] !== undefined)
      .map(([name, product]) => `${name} is set, but this version has no adapter for ${product}: unset it`),
  ];
  if (!parsed.success || wrong.length > 0) throw new BadConfiguration(`Bad configuration: ${wrong.join('; ')}`);
  const {
    PORT,
    HOST,
    DATA_DIR,
    OPS_PORT,
    EVENTSTOREDB_URL,
    MONGODB_URL,
    OPENSEARCH_URL,
    OPENSEARCH_CA,
    REDIS_URL,
    RATE_LIMITS,
    ACCESS_TOKEN_SECONDS,
    ROLES,
    PROJECTION_SHARDS,
    SOCKETS_PER_ADDRESS,
    TRUSTED_PROXIES,
    CORS_ORIGINS,
    WEBHOOKS_TO_PRIVATE,
    DRAIN_SECONDS,
    LOG_LEVEL,
  } = parsed.data;
  const config: Config = {
    port: PORT,
    host: HOST,
    dataDir: DATA_DIR,
    opsPort: OPS_PORT,
    mongoDbUrl: MONGODB_URL,
    openSearchUrl: OPENSEARCH_URL,
    openSearchCertificates: OPENSEARCH_CA,
    redisUrl: REDIS_URL,
    rateLimits: RATE_LIMITS === 'on',
    accessTokenSeconds: ACCESS_TOKEN_SECONDS,
    logLevel: LOG_LEVEL,
    eventStoreDbUrl: EVENTSTOREDB_URL,
    socketsPerAddress: SOCKETS_PER_ADDRESS,
    trustedProxies: TRUSTED_PROXIES,
    corsOrigins: CORS_ORIGINS,
    webhooksToPrivate: WEBHOOKS_TO_PRIVATE === 'on',
    roles: ROLES,
    drainSeconds: DRAIN_SECONDS,
    projectionShards: PROJECTION_SHARDS ?? (EVENTSTOREDB_URL && MONGODB_URL ? 4 : 1),
  };
  const isSplit = !allThatOneNeeds.every((role) => ROLES.includes(role));
  const missing = isSplit ? missingForSplit(config) : [];
  if (missing.length > 0) {
    throw new BadConfiguration(
      `Bad configuration: ROLES is ${ROLES.join(',')}, but only processes that share servers can divide the roles: set ${missing.join(' and ')}, or leave ROLES unset`,
    );
  }
  if (ROLES.includes('relay') && (REDIS_URL === undefined || missingForSplit(config).length > 0)) {
    throw new BadConfiguration(
      'Bad configuration: ROLES holds relay, but what relays tell goes over Redis to processes that share servers: set EVENTSTOREDB_URL, MONGODB_URL and REDIS_URL, or leave relay out',
    );
  }
  return config;
};
