import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process, or another server in this one, works on the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another server`);
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && [5, 6].includes(Number(error.errcode));

/**
 * Takes the folder for one server, until disposed or until the process ends, however it ends: the lock is the
 * operating system's, so nothing is left behind by a crash. Throws `FolderInUse`.
 */
export const lockFolder = (folder: string): Disposable => {
  const db = new DatabaseSync(path.join(folder, 'lock.db'), { timeout: 0 });
  try {
    db.exec('begin exclusive');
  } catch (error) {
    db.close();
    throw isBusy(error) ? new FolderInUse(folder) : error;
  }
  return { [Symbol.dispose]: () => db.close() };
};
