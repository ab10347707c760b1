import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { dataFiles } from '../data-files.ts';
import { incomingFolder, movedName, removeDatabase, removePlan, renameDatabase, type Plan } from './files.ts';
import { folderDocuments, openServers } from './ports.ts';
import { startOver } from './reaction-checkpoints.ts';

/** Leaves the old place for the new one, where everything is already. Nothing is lost by doing it again. */
export const finish = async (config: Config, { to, moved, reactions }: Plan): Promise<void> => {
  const { dataDir } = config;
  const file = (name: string): string => path.join(dataDir, name);
  for (const port of moved) {
    if (to === 'server') renameDatabase(file(dataFiles[port]), file(movedName(port)));
    else renameDatabase(path.join(incomingFolder(dataDir), dataFiles[port]), file(dataFiles[port]));
  }
  const places = reactions.map(([name, position]) => [name, BigInt(position)] as const);
  await using scope = new AsyncDisposableStack();
  const { documents, search } = to === 'server' ? await openServers(config, scope) : {};
  for (const port of ['snapshots', 'search', 'documents'] as const) removeDatabase(file(dataFiles[port]));
  // Made from a log with other positions, if anything is there.
  if (search) await startOver(search, []);
  await startOver(documents ?? folderDocuments(dataDir, scope), places);
  rmSync(incomingFolder(dataDir), { recursive: true, force: true });
  removePlan(dataDir);
};
