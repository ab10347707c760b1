import { existsSync } from 'node:fs';
import { UnusableMongoDb } from '../../adapters/mongodb/connection.ts';
import { UnusableOpenSearch } from '../../adapters/opensearch/connection.ts';
import { FolderInUse } from '../../adapters/sqlite/folder-lock.ts';
import { BadConfiguration, loadConfig, type Config } from '../config.ts';
import { mayBeShared } from '../roles.ts';

export interface DataDirOption {
  readonly dataDir?: string | undefined;
}

export const dataDirFlags = '-d, --data-dir <folder>';
export const dataDirHelp = 'the data folder (default: DATA_DIR, else ./data)';

/** The settings of the environment, on the folder and with the settings that the command line names. */
export const configFor = ({ dataDir }: DataDirOption, settings: NodeJS.ProcessEnv = {}): Config => {
  const config = loadConfig({ ...process.env, ...settings });
  return dataDir === undefined ? config : { ...config, dataDir };
};

/** What went wrong, in words for whoever typed the command. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Throws `CommandFailed` where a data folder is needed and there is none yet. */
export const requireFolder = (config: Config): void => {
  const { dataDir } = config;
  if (!mayBeShared(config) && !existsSync(dataDir))
    throw new CommandFailed(`There is no data folder at ${dataDir}. Is --data-dir right?`);
};

const explain = (error: unknown): string | undefined => {
  if (error instanceof FolderInUse) {
    return `${error.message}. Stop it first (Ctrl-C, or SIGTERM), then run this command again.`;
  }
  const isPlain = [CommandFailed, BadConfiguration, UnusableMongoDb, UnusableOpenSearch].some(
    (kind) => error instanceof kind,
  );
  return isPlain ? (error as Error).message : undefined;
};

/** Runs a command's work; what can be explained is told in a line and ends with exit code 1. */
export const attempt = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const explanation = explain(error);
    if (explanation === undefined) throw error;
    console.error(explanation);
    process.exitCode = 1;
  }
};
