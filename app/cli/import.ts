import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { readModelNames } from '../../projections/registry.ts';
import { attempt, CommandFailed, configFor, dataDirFlags, dataDirHelp, type DataDirOption } from './data-folder.ts';
import { openProgress } from './progress.ts';
import { readExport, type SlackExport } from './slack/export.ts';
import { openArchive, openFolder } from './slack/files.ts';
import { importSlack } from './slack/import-slack.ts';
import { readNdjson } from './slack/ndjson.ts';
import type { Tally } from './slack/tally.ts';
import { openWriting } from './writing.ts';

const help = `
What can be imported
  a folder   an export that was unpacked: users.json, channels.json and a folder of days for each channel
  a .zip     the same, as Slack hands it out
  an .ndjson one event a line, each with its "channel"; a channels.json and a users.json beside it are read, too

Authors and times stay as they were. Everyone becomes a user whose name is taken but who has no password yet.
A run that was broken off is finished by running it again, and what is there already is not made twice.

Examples
  $ parley import slack ~/Downloads/my-export.zip
  $ parley import slack traffic/events.ndjson --data-dir /var/lib/parley`;

const openSource = async (path: string, scope: DisposableStack): Promise<SlackExport> => {
  if (!existsSync(path)) throw new CommandFailed(`There is nothing at ${path}`);
  if (statSync(path).isDirectory()) return await readExport(scope.use(await openFolder(path)));
  if (path.endsWith('.zip')) return await readExport(scope.use(await readable(path, openArchive(path))));
  if (/\.(nd|l)?jsonl?$/.test(path)) return await readNdjson(path);
  throw new CommandFailed(`${path} is neither a folder nor a .zip or .ndjson file`);
};

const readable = async <Files>(path: string, opening: Promise<Files>): Promise<Files> => {
  try {
    return await opening;
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
};

const summary = ({ read, written, repeated, withoutEffect, skipped }: Tally): string =>
  [
    `${read} records read`,
    `  ${written} facts written`,
    `  ${repeated} there already, by an earlier run`,
    `  ${withoutEffect} changed nothing, such as an edit that only unfurled a link`,
    ...[...skipped].sort(([, a], [, b]) => b - a).map(([reason, count]) => `  ${count} left out: ${reason}`),
  ].join('\n');

const runImport = async (path: string, options: DataDirOption): Promise<void> => {
  const config = configFor(options);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  using scope = new DisposableStack();
  const source = await openSource(path, scope);
  await using writing = await openWriting(config);
  const { bus, ports, readModels } = writing;
  using progress = openProgress('Importing', source.bytes);
  const tally = await importSlack({
    source,
    bus,
    events: ports.events,
    credentials: ports.credentials,
    onProgress: (bytes, { read }) => progress.report(bytes, `${read} records`),
    signal: stopping.signal,
  });
  await readModels.waitFor(readModelNames, await ports.events.head());
  progress.end();
  console.log(summary(tally));
  process.off('SIGINT', stop);
  if (!stopping.signal.aborted) return;
  console.log('Stopped before the end. Run the same command again to go on from here.');
  process.exitCode = 130;
};

export const registerImport = (program: Command): void => {
  program
    .command('import')
    .description('bring in the history of another chat system')
    .command('slack')
    .description('bring in a Slack export, or a file of Slack events')
    .argument('<path>', 'an export folder, a .zip or an .ndjson file')
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((path: string, options: DataDirOption) => attempt(() => runImport(path, options)));
};
