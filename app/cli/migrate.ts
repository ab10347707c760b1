import { Option, type Command } from 'commander';
import { CredentialsDiffer } from '../migration/copy-credentials.ts';
import { LogsDiffer } from '../migration/compare-logs.ts';
import type { CopyProgress } from '../migration/copy-log.ts';
import { CannotMigrate, migrate, type Migrated } from '../migration/migrate.ts';
import { CredentialStoreUnavailable } from '../../ports/credential-store.ts';
import { EventStoreUnavailable, RevisionConflict } from '../../ports/event-store.ts';
import { OutOfOrder } from '../../ports/log-copy.ts';
import {
  attempt,
  CommandFailed,
  configFor,
  dataDirFlags,
  dataDirHelp,
  requireFolder,
  type DataDirOption,
} from './data-folder.ts';
import { openProgress, type ProgressDisplay } from './progress.ts';

interface MigrateCommandOptions extends DataDirOption {
  readonly to: 'server' | 'embedded';
}

const help = `
Moves what cannot be made again: the event log between the data folder and EventStoreDB (EVENTSTOREDB_URL), accounts,
sessions and secrets between the folder and MongoDB (MONGODB_URL). What has no URL stays where it is. Read models are
made anew when the server starts. No server may be running meanwhile, neither on the folder nor on the servers.

Ids, numbers, order, metadata and times stay as they are; everything is read back and compared before the old place is
left. A run that was broken off is finished by running it again. What leaves the folder stays there under another name
(events.moved.db, secrets.moved.db), what leaves the servers stays there as well: delete it when you are sure.

Examples
  $ EVENTSTOREDB_URL=esdb://… MONGODB_URL=mongodb://… parley migrate --to server
  $ EVENTSTOREDB_URL=esdb://… MONGODB_URL=mongodb://… parley migrate --to embedded --data-dir ./data`;

const titles = { comparing: 'Comparing', copying: 'Copying  ', verifying: 'Verifying' } as const;

/** One display for each phase, as it comes. */
class Phases implements Disposable {
  #phase: CopyProgress['phase'] | undefined;
  #display: ProgressDisplay | undefined;

  report({ phase, done, total }: CopyProgress): void {
    if (phase !== this.#phase) {
      this.#display?.end();
      this.#phase = phase;
      this.#display = openProgress(titles[phase], 1000);
    }
    const share = total <= 0n ? 1000 : Number((done * 1000n) / total);
    if (share > 0) this.#display?.report(share, '');
  }

  [Symbol.dispose](): void {
    this.#display?.end();
  }
}

const explained = (error: unknown): unknown => {
  const plain = [CannotMigrate, EventStoreUnavailable, CredentialStoreUnavailable].some(
    (kind) => error instanceof kind,
  );
  if (plain) return new CommandFailed((error as Error).message);
  const foreign = [LogsDiffer, CredentialsDiffer].some((kind) => error instanceof kind);
  if (foreign) return new CommandFailed(`${(error as Error).message}. Choose an empty target`);
  if (error instanceof RevisionConflict) return new CommandFailed('Somebody else writes to the target');
  if (error instanceof OutOfOrder) {
    return new CommandFailed(`The target did not keep the order: ${error.message}. Empty it and start again`);
  }
  return error;
};

const summary = ({ log, credentials }: Migrated): string =>
  [
    ...(log
      ? [
          `${log.events} events of ${log.streams} streams are there, each as it was, in the same order`,
          `  SHA-256 of the log: ${log.digest}`,
          ...(log.isNeverLower ? [] : ['  positions are lower than before: apps should sync from the beginning']),
        ]
      : []),
    ...(credentials === undefined ? [] : [`${credentials} credentials, sessions and secrets are there`]),
  ].join('\n');

const runMigrate = async (options: MigrateCommandOptions): Promise<void> => {
  const config = configFor(options);
  requireFolder(config);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  using phases = new Phases();
  try {
    const migrated = await migrate({
      config,
      to: options.to,
      onProgress: (progress) => phases.report(progress),
      signal: stopping.signal,
    });
    phases[Symbol.dispose]();
    console.log(migrated ? summary(migrated) : 'What was left of an earlier run is done');
  } catch (error) {
    if (!stopping.signal.aborted) throw explained(error);
    console.log('Stopped. Run the same command again to go on from here.');
    process.exitCode = 130;
  }
  process.off('SIGINT', stop);
};

export const registerMigrate = (program: Command): void => {
  program
    .command('migrate')
    .description('move everything between the data folder and servers')
    .addOption(
      new Option('--to <where>', 'where everything shall be').choices(['server', 'embedded']).makeOptionMandatory(),
    )
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((options: MigrateCommandOptions) => attempt(() => runMigrate(options)));
};
