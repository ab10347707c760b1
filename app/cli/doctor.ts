import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { isRedisThere } from '../../adapters/redis/connection.ts';
import { FolderInUse, lockFolder } from '../../adapters/sqlite/folder-lock.ts';
import { JobsUnavailable, type Jobs } from '../../ports/jobs.ts';
import { beforeLog, EventStoreUnavailable, type EventStore, type Position } from '../../ports/event-store.ts';
import { positionOf, readLive } from '../../projections/builds.ts';
import { projections, readModelNames, storesOf } from '../../projections/registry.ts';
import { catalog, UndecodableEvent } from '../../domain/catalog.ts';
import type { Config } from '../config.ts';
import { dataFiles } from '../data-files.ts';
import { openPorts, type Ports } from '../ports.ts';
import { attempt, configFor, dataDirFlags, dataDirHelp, type DataDirOption } from './data-folder.ts';

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

interface LogSize {
  readonly events: number;
  readonly streams: number;
  readonly undecodable: string | undefined;
  /** Counts the events after a position. */
  readonly after: (position: Position) => number;
}

const readLog = async (events: EventStore): Promise<LogSize> => {
  const positions: Position[] = [];
  const streams = new Set<string>();
  let undecodable: string | undefined;
  for (let after = beforeLog; ; after = positions.at(-1)!) {
    const page = await events.readLog(after, 1_000);
    for (const event of page) {
      positions.push(event.position);
      streams.add(event.stream);
      try {
        catalog.decode(event);
      } catch (error) {
        if (!(error instanceof UndecodableEvent)) throw error;
        undecodable ??= `position ${event.position}: ${error.message}`;
      }
    }
    if (page.length === 0) break;
  }
  const countAfter = (position: Position): number => {
    const next = positions.findIndex((each) => each > position);
    return next === -1 ? 0 : positions.length - next;
  };
  return { events: positions.length, streams: streams.size, undecodable, after: countAfter };
};

/** Undefined when the store cannot be reached. */
const readLogOf = async (events: EventStore): Promise<LogSize | undefined> => {
  try {
    return await readLog(events);
  } catch (error) {
    if (error instanceof EventStoreUnavailable) return undefined;
    throw error;
  }
};

const readModelFindings = async (
  ports: Pick<Ports, 'documents' | 'search'>,
  log: LogSize,
  isServed: boolean,
): Promise<readonly Finding[]> =>
  await Promise.all(
    readModelNames.map(async (name) => {
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
    }),
  );

const serverFindings = async ({ mongoDbUrl, redisUrl }: Config): Promise<readonly Finding[]> => [
  ...(mongoDbUrl === undefined ? [] : [fine('documents, snapshots and credentials: MongoDB, not these files')]),
  ...(redisUrl === undefined
    ? []
    : [
        (await isRedisThere(redisUrl))
          ? fine('rate limits: Redis answers')
          : wrong('rate limits: Redis does not answer'),
      ]),
];

const jobFindings = async (jobs: Jobs): Promise<readonly Finding[]> => {
  try {
    const { waiting, running, parked } = await jobs.counts();
    if (parked > 0) return [wrong(`jobs: ${parked} failed too often and are parked`)];
    return [fine(`jobs: ${waiting + running} to do, none parked`)];
  } catch (error) {
    if (error instanceof JobsUnavailable) return [wrong('jobs: they cannot be reached')];
    throw error;
  }
};

const examine = async (config: Config): Promise<readonly Finding[]> => {
  const { dataDir, eventStoreDbUrl } = config;
  const findings = [...configured(config)];
  if (!existsSync(dataDir)) return [...findings, wrong(`there is no data folder at ${dataDir}`)];
  const files = Object.entries(dataFiles).filter(([port]) => port !== 'events' || eventStoreDbUrl === undefined);
  if (files.every(([, file]) => !existsSync(path.join(dataDir, file))))
    return [...findings, fine(`nothing is stored in ${dataDir} yet`)];
  const isServed = lockHolder(dataDir);
  findings.push(fine(isServed ? `a server runs on ${dataDir}` : `no server runs on ${dataDir}`));
  if (isServed) findings.push(await askServer(config));
  for (const [port, file] of files) {
    findings.push(fine(`${port}: ${file}, ${megabytes(sizeOf(path.join(dataDir, file)))}`));
  }
  findings.push(...(await serverFindings(config)));
  await using ports = await openPorts(config, { exclusive: false });
  const log = await readLogOf(ports.events);
  if (log === undefined) return [...findings, wrong('the event store cannot be reached')];
  if (eventStoreDbUrl !== undefined) findings.push(fine('events: EventStoreDB answers'));
  findings.push(fine(`the log holds ${log.events} events of ${log.streams} streams`));
  if (log.undecodable !== undefined) findings.push(wrong(`an event cannot be decoded, at ${log.undecodable}`));
  findings.push(...(await readModelFindings(ports, log, isServed)));
  findings.push(...(await jobFindings(ports.jobs)));
  return findings;
};

const runDoctor = async (options: DataDirOption): Promise<void> => {
  const findings = await examine(configFor(options));
  for (const { isFine, what } of findings) console.log(`${isFine ? '✔' : '✘'} ${what}`);
  const bad = findings.filter(({ isFine }) => !isFine).length;
  console.log(bad === 0 ? '\nAll is well.' : `\n${bad} ${bad === 1 ? 'thing needs' : 'things need'} attention.`);
  if (bad > 0) process.exitCode = 1;
};

const help = `
Looks at everything and changes nothing: what is configured, whether it can be reached, how large it is, how far each
read model is behind the log. Ends with exit code 1 when something needs attention.`;

export const registerDoctor = (program: Command): void => {
  program
    .command('doctor')
    .description('look at the data folder and the server, and say what is wrong')
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((options: DataDirOption) => attempt(() => runDoctor(options)));
};
