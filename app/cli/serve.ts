import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { Parley } from '../compose.ts';
import { createLogger } from '../logger.ts';
import { mayBeShared } from '../roles.ts';
import { startWhenThere } from '../start-when-there.ts';
import { attempt, CommandFailed, configFor, dataDirFlags, dataDirHelp, type DataDirOption } from './data-folder.ts';

const help = `
Settings come from the environment: PORT (8080), HOST (127.0.0.1; 0.0.0.0 to be reached from other machines),
DATA_DIR (./data), OPS_PORT (health and metrics on a port of their own), RATE_LIMITS (on or off),
ACCESS_TOKEN_SECONDS (900), LOG_LEVEL (info), ROLES (all but relay),
DRAIN_SECONDS (5: over how long the sockets are closed when it is told to end, and behind proxies how long it still
answers, so that they notice; a second signal ends it at once),
PROJECTION_SHARDS (into how many parts read models made from now on are divided). PORT=0 takes any free port.
EVENTSTOREDB_URL (esdb://…) keeps the event log in EventStoreDB, MONGODB_URL puts read models, snapshots, keys and
credentials into a MongoDB replica set, REDIS_URL counts rate limits in Redis and knows there who is online,
OPENSEARCH_URL (https://user:password@host:9200/prefix; OPENSEARCH_CA names a file of certificates) keeps the search
index in OpenSearch; each on its own, and what is not set stays in the data folder and this process.
SOCKETS_PER_ADDRESS (1000) limits the open sockets of one address. Behind proxies of your own, TRUSTED_PROXIES (0) says
how many there are: addresses are then taken from X-Forwarded-For. CORS_ORIGINS (none; https://a.example,https://b.example)
lets web pages of other origins use the server. WEBHOOKS_TO_PRIVATE (off) lets webhooks
go to addresses of your own network, and without https.
With EVENTSTOREDB_URL and MONGODB_URL any number of processes share the work; nothing but a search index of its own is
in the data folder of each then, and with OPENSEARCH_URL not even that. Each has some
of the roles: api answers REST, realtime serves sockets, projector keeps the read models up to date, worker reacts to
events, relay publishes the log over Redis to processes of api and realtime alone, which need not read all of it then.
PROJECTION_SHARDS (4, without servers 1) parts of the read models can be divided among projectors. Every process
answers /healthz, /readyz and /metrics.

Examples
  $ parley serve
  $ PORT=9000 DATA_DIR=/var/lib/parley parley serve
  $ parley serve --roles projector,worker`;

const explainStart = (error: unknown): unknown => {
  const { code } = error as { readonly code?: unknown };
  if (code === 'EADDRINUSE') return new CommandFailed(`${(error as Error).message}. Choose another PORT.`);
  if (code === 'EACCES' || code === 'EPERM') return new CommandFailed((error as Error).message);
  return error;
};

interface EndSignals {
  readonly first: Promise<NodeJS.Signals>;
  /** Aborts at the second one. */
  readonly hurry: AbortSignal;
}

/** The signals to end: the first asks for it, the second for haste, and a third ends the process on the spot. */
const endSignals = (): EndSignals => {
  const first = Promise.withResolvers<NodeJS.Signals>();
  const hurry = new AbortController();
  let count = 0;
  const end = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count === 1) first.resolve(signal);
    else if (count === 2) hurry.abort();
    else process.exit(130);
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  return { first: first.promise, hurry: hurry.signal };
};

const announce = (logger: Logger, { url, opsUrl, config }: Parley): void => {
  const { roles, dataDir } = config;
  const documentation = roles.includes('api') ? `${url}/docs` : undefined;
  const place = mayBeShared(config) ? {} : { dataDir };
  logger.info({ url, opsUrl, documentation, roles, ...place }, `Parley listens on ${url}`);
};

interface ServeOptions extends DataDirOption {
  readonly roles?: string | undefined;
}

const runServe = async (options: ServeOptions): Promise<void> => {
  const config = configFor(options, options.roles === undefined ? {} : { ROLES: options.roles });
  const logger = createLogger(config.logLevel);
  const { first: ending, hurry } = endSignals();
  const stopping = new AbortController();
  void ending.then(() => stopping.abort());
  const parley = await startWhenThere(config, { logger, signal: stopping.signal }).catch((error: unknown) => {
    throw explainStart(error);
  });
  if (parley !== undefined) announce(logger, parley);
  const signal = await ending;
  logger.info({ signal }, 'shutting down');
  await parley?.drain(hurry);
  await parley?.[Symbol.asyncDispose]();
  logger.info('stopped');
};

export const registerServe = (program: Command): void => {
  program
    .command('serve')
    .description('run the server on a data folder')
    .option(dataDirFlags, dataDirHelp)
    .option('-r, --roles <roles>', 'what this process does (default: ROLES, else all but relay)')
    .addHelpText('after', help)
    .action((options: ServeOptions) => attempt(() => runServe(options)));
};
