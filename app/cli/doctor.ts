import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { FolderInUse, lockFolder } from '../../adapters/sqlite/folder-lock.ts';
import { JobsUnavailable, type Jobs } from '../../ports/jobs.ts';
import { DocumentStoreUnavailable } from '../../ports/document-store.ts';
import { beforeLog } from '../../ports/event-store.ts';
import { positionOf, readLive } from '../../projections/builds.ts';
import type { ReadModelName } from '../../projections/queries.ts';
import { projections, readModelNames, storesOf } from '../../projections/registry.ts';
import type { Config } from '../config.ts';
import { dataFiles } from '../data-files.ts';
import { openEventStore, openPorts, type Ports } from '../ports.ts';
import { mayBeShared, missingForSplit } from '../roles.ts';
import { checkServers, type CheckedServer } from '../server-checks.ts';
import { attempt, configFor, dataDirFlags, dataDirHelp, type DataDirOption } from './data-folder.ts';
import { readLogSize, type LogSize } from './log-size.ts';

interface Finding {
  readonly isFine: boolean;
  readonly what: string;
}

const fine = (what: string): Finding => ({ isFine: true, what });
const wrong = (what: string): Finding => ({ isFine: false, what });

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

const sizeOf = (file: string): number =>
  [file, `${file}-wal`].filter((name) => existsSync(name)).reduce((sum, name) => sum + statSync(name).size, 0);

const configured = ({ host, port, opsPort, rateLimits, accessTokenSeconds, logLevel }: Config): readonly Finding[] => [
  fine(`listens on ${host}:${port}${opsPort === undefined ? '' : `, operations on port ${opsPort}`}`),
  fine(`rate limits ${rateLimits ? 'on' : 'off'}, access tokens last ${accessTokenSeconds} s, log level ${logLevel}`),
];

const lockHolder = (folder: string): boolean => {
  try {
    lockFolder(folder)[Symbol.dispose]();
    return false;
  } catch (error) {
    if (error instanceof FolderInUse) return true;
    throw error;
  }
};

const askServer = async ({ host, port, opsPort }: Config): Promise<Finding> => {
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${opsPort ?? port}/readyz`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(3_000) });
    return answer.ok ? fine(`${address} says that it is ready`) : wrong(`${address} answers ${answer.status}`);
  } catch {
    return wrong(`a server holds the folder, but nothing answers at ${address}: does it use another port?`);
  }
};

const readModelFindings = async (
  ports: Pick<Ports, 'documents' | 'search'>,
  log: LogSize,
  isServed: boolean,
): Promise<readonly Finding[]> =>
  await Promise.all(
    readModelNames.map(async (name) => {
      try {
        return await readModelFinding(name, ports, log, isServed);
      } catch (error) {
        if (!(error instanceof DocumentStoreUnavailable)) throw error;
        return wrong(`read model ${name} cannot be reached`);
      }
    }),
  );

const readModelFinding = async (
  name: ReadModelName,
  ports: Pick<Ports, 'documents' | 'search'>,
  log: LogSize,
  isServed: boolean,
): Promise<Finding> => {
  const store = storesOf(ports)[name] ?? ports.documents;
  const live = await readLive(store, name);
  if (live === undefined) {
    const what = `read model ${name} has not been made yet`;
    return log.events === 0 || !isServed ? fine(`${what}; the server makes it when it starts`) : wrong(what);
  }
  const { version } = projections[name];
  if (live.version !== version) return fine(`${live.name}: version ${version} is made when the server starts`);
  const position = (await positionOf(store, live)) ?? beforeLog;
  const behind = log.after(position);
  if (behind === 0) return fine(`read model ${live.name} is up to date`);
  const lag = `read model ${live.name} is ${behind} events behind`;
  if (!isServed) return fine(`${lag}; it catches up when the server runs`);
  return behind > 1_000 ? wrong(`${lag}: it is parked or far behind`) : fine(lag);
};

const serverFinding = ({ product, setting, holds, version, problem }: CheckedServer): Finding =>
  problem === undefined
    ? fine(`${product}${version === undefined ? '' : ` ${version}`} answers (${setting}); it holds ${holds}`)
    : wrong(`${setting}: ${problem}; it holds ${holds}`);

const sharing = (config: Config): readonly Finding[] => {
  const missing = missingForSplit(config);
  if (missing.length === 0) return [fine('everything is on servers: any number of processes may share the work')];
  return [fine(`one process does it all: several would need ${missing.join(' and ')}`)];
};

const folderFindings = async (config: Config): Promise<readonly Finding[]> => {
  const { dataDir, eventStoreDbUrl, mongoDbUrl } = config;
  const elsewhere = {
    events: eventStoreDbUrl,
    documents: mongoDbUrl,
    search: config.openSearchUrl,
    snapshots: mongoDbUrl,
    credentials: mongoDbUrl,
    jobs: config.redisUrl,
  };
  const here = Object.entries(dataFiles).filter(([port]) => elsewhere[port as keyof typeof elsewhere] === undefined);
  const present = here.filter(([, file]) => existsSync(path.join(dataDir, file)));
  if (present.length === 0) return [fine(`nothing is stored in ${dataDir} yet`)];
  return present.map(([port, file]) => fine(`${port}: ${file}, ${megabytes(sizeOf(path.join(dataDir, file)))}`));
};

/** What can be told of the log and the read models; what cannot be reached is left out, having been named already. */
const contents = async (config: Config, isServed: boolean, away: ReadonlySet<string>): Promise<readonly Finding[]> => {
  if (away.has('MONGODB_URL')) {
    if (away.has('EVENTSTOREDB_URL')) return [];
    await using events = openEventStore(config);
    return logFindings(await readLogSize(events));
  }
  await using ports = await openPorts(config, { exclusive: false });
  const log = away.has('EVENTSTOREDB_URL') ? undefined : await readLogSize(ports.events);
  if (log === undefined) return [wrong('how far the read models are cannot be told without the log')];
  const jobs = away.has('REDIS_URL') ? [] : await jobFindings(ports.jobs);
  return [...logFindings(log), ...(await readModelFindings(ports, log, isServed)), ...jobs];
};

const logFindings = (log: LogSize | undefined): readonly Finding[] => {
  if (log === undefined) return [wrong('the event store cannot be reached')];
  const { events, streams, undecodable } = log;
  return [
    fine(`the log holds ${events} events of ${streams} streams`),
    ...(undecodable === undefined ? [] : [wrong(`an event cannot be decoded, at ${undecodable}`)]),
  ];
};

/** A job may fail for so long while a server is away. */
const patienceMs = 10 * 60_000;

const jobFindings = async (jobs: Jobs): Promise<readonly Finding[]> => {
  try {
    const { waiting, running, failing, parked } = await jobs.counts();
    const [longest] = await jobs.failing(1);
    const more = 'see parley jobs';
    if (parked > 0) return [wrong(`jobs: ${parked} failed too often and are parked; ${more}`)];
    if (longest !== undefined && longest.since < Date.now() - patienceMs) {
      return [wrong(`jobs: ${failing} fail again and again, since ${new Date(longest.since).toISOString()}; ${more}`)];
    }
    return [fine(`jobs: ${waiting + running} to do, ${failing} of them failing at the moment, none parked`)];
  } catch (error) {
    if (error instanceof JobsUnavailable) return [wrong('jobs: they cannot be reached')];
    throw error;
  }
};

const examine = async (config: Config): Promise<readonly Finding[]> => {
  const { dataDir } = config;
  const servers = await checkServers(config);
  const findings = [...configured(config), ...sharing(config), ...servers.map(serverFinding)];
  const away = new Set(servers.filter(({ problem }) => problem !== undefined).map(({ setting }) => setting));
  if (mayBeShared(config)) return [...findings, ...(await contents(config, true, away))];
  if (!existsSync(dataDir)) return [...findings, wrong(`there is no data folder at ${dataDir}`)];
  const stored = await folderFindings(config);
  if (Object.values(dataFiles).every((file) => !existsSync(path.join(dataDir, file)))) return [...findings, ...stored];
  const isServed = lockHolder(dataDir);
  findings.push(fine(isServed ? `a server runs on ${dataDir}` : `no server runs on ${dataDir}`));
  if (isServed) findings.push(await askServer(config));
  return [...findings, ...stored, ...(await contents(config, isServed, away))];
};

const runDoctor = async (options: DataDirOption): Promise<void> => {
  const findings = await examine(configFor(options));
  for (const { isFine, what } of findings) console.log(`${isFine ? '✔' : '✘'} ${what}`);
  const bad = findings.filter(({ isFine }) => !isFine).length;
  console.log(bad === 0 ? '\nAll is well.' : `\n${bad} ${bad === 1 ? 'thing needs' : 'things need'} attention.`);
  if (bad > 0) process.exitCode = 1;
};

const help = `
Looks at everything and changes nothing: what is configured, whether each server can be reached and used, how large it
all is, how far each read model is behind the log. What is wrong with one server hides nothing of the others. Ends with exit code 1 when something needs attention.`;

export const registerDoctor = (program: Command): void => {
  program
    .command('doctor')
    .description('look at the data folder and the server, and say what is wrong')
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((options: DataDirOption) => attempt(() => runDoctor(options)));
};
