import { existsSync } from 'node:fs';
import path from 'node:path';
import { lockFolder } from '../../adapters/sqlite/folder-lock.ts';
import type { Config } from '../config.ts';
import { dataFiles } from '../data-files.ts';
import type { Comparison } from './compare-logs.ts';
import { copyCredentials } from './copy-credentials.ts';
import { copyLog, type CopyProgress } from './copy-log.ts';
import { finish } from './finish.ts';
import { holds, incomingFolder, readPlan, writePlan, type Plan } from './files.ts';
import { folderCredentials, folderDocuments, folderLog, openServers, type LogPlace } from './ports.ts';
import { ReactionCheckpoints } from './reaction-checkpoints.ts';

/** Nothing can be moved as things are; the message says why and what would help. */
export class CannotMigrate extends Error {
  override readonly name = 'CannotMigrate';
}

export interface MigrateOptions {
  readonly config: Config;
  readonly to: Plan['to'];
  readonly onProgress: (progress: CopyProgress) => void;
  readonly signal: AbortSignal;
}

export interface Migrated {
  /** Undefined when the log stayed where it was. */
  readonly log: Comparison | undefined;
  /** How many credentials, sessions and secrets there are; undefined when they stayed where they were. */
  readonly credentials: number | undefined;
}

interface Way {
  readonly log: { readonly from: LogPlace; readonly to: LogPlace } | undefined;
  readonly credentials: Parameters<typeof copyCredentials> | undefined;
  readonly reactions: ReactionCheckpoints;
}

/** Opens what moves, in the direction in which it moves: whatever has a server's URL. */
const openWay = async ({ config, to }: MigrateOptions, scope: AsyncDisposableStack): Promise<Way> => {
  const { dataDir, eventStoreDbUrl, mongoDbUrl } = config;
  const isToServer = to === 'server';
  const moves = {
    log: eventStoreDbUrl !== undefined && (!isToServer || holds(dataDir, 'events')),
    credentials: mongoDbUrl !== undefined && (!isToServer || holds(dataDir, 'credentials')),
  };
  if (!moves.log && !moves.credentials) {
    throw new CannotMigrate(
      isToServer
        ? `${dataDir} holds nothing that a server is named for. Set EVENTSTOREDB_URL, MONGODB_URL or both`
        : 'There is no server to fetch from. Set EVENTSTOREDB_URL, MONGODB_URL or both',
    );
  }
  if (!isToServer && moves.log && holds(dataDir, 'events')) {
    throw new CannotMigrate(`${dataDir} holds an event log already. Choose another --data-dir`);
  }
  if (!isToServer && moves.credentials && holds(dataDir, 'credentials')) {
    throw new CannotMigrate(`${dataDir} holds credentials already. Choose another --data-dir`);
  }
  const servers = await openServers(config, scope);
  const folder = isToServer ? dataDir : incomingFolder(dataDir);
  const log = moves.log ? ([folderLog(folder, scope), servers.log!] as const) : undefined;
  const credentials = moves.credentials
    ? ([folderCredentials(folder, scope), servers.credentials!] as const)
    : undefined;
  const [from, into] = isToServer ? ([0, 1] as const) : ([1, 0] as const);
  const hasDocuments = existsSync(path.join(dataDir, dataFiles.documents));
  const documents = [
    ...(servers.documents ? [servers.documents] : []),
    ...(hasDocuments ? [folderDocuments(dataDir, scope)] : []),
  ];
  return {
    log: log && { from: log[from], to: log[into] },
    credentials: credentials && [credentials[from], credentials[into]],
    reactions: await ReactionCheckpoints.read(documents),
  };
};

const copyAll = async (options: MigrateOptions): Promise<Migrated & { readonly plan: Plan }> => {
  await using scope = new AsyncDisposableStack();
  const { log, credentials, reactions } = await openWay(options, scope);
  let compared: Comparison | undefined;
  if (log) {
    const copy = scope.use(log.to.openCopy());
    const { events: source } = log.from;
    const onPair = reactions.pass.bind(reactions);
    compared = await copyLog({ ...options, source, target: log.to.events, copy, onPair });
  }
  const records = credentials && (await copyCredentials(...credentials));
  const moved = [...(log ? ['events' as const] : []), ...(credentials ? ['credentials' as const] : [])];
  const places = log ? reactions.moved : reactions.unchanged;
  const plan: Plan = { to: options.to, moved, reactions: places.map(([name, position]) => [name, `${position}`]) };
  return { log: compared, credentials: records, plan };
};

/**
 * Moves the log and the credentials between a data folder and the servers that the settings name. What was copied is
 * compared whole before the old place is left. May be broken off at any moment and run again. Throws `CannotMigrate`,
 * `LogsDiffer`, `CredentialsDiffer`, `FolderInUse`, and what the stores throw.
 */
export const migrate = async (options: MigrateOptions): Promise<Migrated | undefined> => {
  const { config, to } = options;
  using _lock = lockFolder(config.dataDir);
  const left = readPlan(config.dataDir);
  if (left && left.to !== to) throw new CannotMigrate(`A migration to ${left.to} was broken off. Finish it first`);
  if (left) {
    await finish(config, left);
    return undefined;
  }
  const { plan, ...migrated } = await copyAll(options);
  writePlan(config.dataDir, plan);
  await finish(config, plan);
  return migrated;
};
