import type { Command } from 'commander';
import { catalog } from '../../domain/catalog.ts';
import { createLogTail } from '../../projections/log-tail.ts';
import type { ReadModelName } from '../../projections/queries.ts';
import { rebuild } from '../../projections/rebuild.ts';
import { isReadModelName, projections, readModelNames, storesOf } from '../../projections/registry.ts';
import { openPorts } from '../ports.ts';
import {
  attempt,
  CommandFailed,
  configFor,
  dataDirFlags,
  dataDirHelp,
  requireFolder,
  type DataDirOption,
} from './data-folder.ts';
import { openProgress } from './progress.ts';

const help = `
Builds each read model from the first event beside the one that is in use, and puts it in its place once it has caught
up. A server may be running on the folder: reads go on, and it follows by itself.

Examples
  $ parley rebuild            all of them: ${readModelNames.join(', ')}
  $ parley rebuild timeline   one of them`;

const chosen = (name: string | undefined): readonly ReadModelName[] => {
  if (name === undefined) return readModelNames;
  if (isReadModelName(name)) return [name];
  throw new CommandFailed(`There is no read model ${name}. There are: ${readModelNames.join(', ')}`);
};

const runRebuild = async (name: string | undefined, options: DataDirOption): Promise<void> => {
  const names = chosen(name);
  const config = configFor(options);
  requireFolder(config);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  await using ports = await openPorts(config, { exclusive: false });
  await using tail = createLogTail({ events: ports.events, catalog });
  for (const each of names) {
    using progress = openProgress(each.padEnd(8), 1000);
    const build = await rebuild({
      documents: storesOf(ports)[each] ?? ports.documents,
      tail,
      projection: projections[each],
      shards: config.projectionShards,
      signal: stopping.signal,
      onProgress: ({ done, total, etaMs }) => progress.report(total === 0 ? 1000 : (done / total) * 1000, '', etaMs),
    });
    progress.end();
    if (build === undefined) throw new CommandFailed('Stopped. The next rebuild goes on from here.');
    console.log(`${each}: ${build.name} is in use now`);
  }
  process.off('SIGINT', stop);
};

export const registerRebuild = (program: Command): void => {
  program
    .command('rebuild')
    .description('make read models anew from the event log')
    .argument('[projection]', `one of ${readModelNames.join(', ')}; all of them when left out`)
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((name: string | undefined, options: DataDirOption) => attempt(() => runRebuild(name, options)));
};
