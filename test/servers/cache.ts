import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Where installed servers live, one folder for each server and version. */
export const cacheFolder = (): string =>
  path.resolve(process.env['PARLEY_SERVER_CACHE'] ?? path.join(import.meta.dirname, '../../.server-cache'));

/** The folder of a server that is installed completely, else undefined. */
export const cached = (name: string): string | undefined => {
  const folder = path.join(cacheFolder(), name);
  return existsSync(folder) ? folder : undefined;
};

const longestInstallation = 3_600_000;

/** Waits until no other installer works on the cache. The lock ends with the process, however it ends. */
export const lockCache = (): Disposable => {
  mkdirSync(cacheFolder(), { recursive: true });
  const lock = new DatabaseSync(path.join(cacheFolder(), 'lock.db'), { timeout: longestInstallation });
  lock.exec('begin exclusive');
  return { [Symbol.dispose]: () => lock.close() };
};

/** Installs into a folder that gets its name only when complete. The caller holds the lock. */
export const install = async (name: string, work: (folder: string) => Promise<void>): Promise<void> => {
  if (cached(name) !== undefined) return;
  const unfinished = path.join(cacheFolder(), `${name}.unfinished`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await work(unfinished);
  renameSync(unfinished, path.join(cacheFolder(), name));
};
