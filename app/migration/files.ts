import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { dataFiles } from '../data-files.ts';

/** What stands in a data folder besides the files of a server. */
const planFile = 'migration.json';
/** A log or credentials on their way into the folder, not to be used before they are complete. */
export const incomingFolder = (folder: string): string => path.join(folder, 'incoming');

const beside = ['', '-wal', '-shm'] as const;

const Plan = z.object({
  to: z.enum(['server', 'embedded']),
  /** What is copied and verified, and leaves its old place for the new one now. */
  moved: z.array(z.enum(['events', 'credentials'])),
  /** Checkpoints in terms of the new log. Positions are text: they may be larger than a JSON number. */
  reactions: z.array(z.tuple([z.string(), z.string().regex(/^-?\d+$/)])),
});
/** What is left to do once everything is copied: written down, so that it is finished however often it is broken off. */
export type Plan = z.infer<typeof Plan>;

export const readPlan = (folder: string): Plan | undefined => {
  const file = path.join(folder, planFile);
  return existsSync(file) ? Plan.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
};

export const writePlan = (folder: string, plan: Plan): void => {
  const file = path.join(folder, planFile);
  writeFileSync(`${file}.new`, JSON.stringify(plan), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
};

export const removePlan = (folder: string): void => rmSync(path.join(folder, planFile), { force: true });

/** Where a file goes when what it held has left for a server: it stays as a copy, and no server opens it. */
export const movedName = (port: 'events' | 'credentials'): string => dataFiles[port].replace(/\.db$/, '.moved.db');

export const holds = (folder: string, port: keyof typeof dataFiles): boolean =>
  existsSync(path.join(folder, dataFiles[port]));

const settings = { events: 'EVENTSTOREDB_URL', credentials: 'MONGODB_URL' } as const;
type Movable = keyof typeof settings;

/** A server that began anew without what has left the folder would seem to have lost it. */
export const whyNotToOpen = (
  folder: string,
  urls: Readonly<Record<Movable, string | undefined>>,
): string | undefined => {
  if (existsSync(path.join(folder, planFile)))
    return `a migration of ${folder} is not finished: run parley migrate again`;
  const left = (Object.keys(settings) as Movable[]).find(
    (port) => urls[port] === undefined && !holds(folder, port) && existsSync(path.join(folder, movedName(port))),
  );
  return left && `the ${left} of ${folder} were moved to a server: set ${settings[left]}`;
};

/** Renames a database file that nobody has open, and what SQLite may have left beside it. Does nothing a second time. */
export const renameDatabase = (from: string, to: string): void => {
  if (!existsSync(from)) return;
  for (const end of beside) rmSync(`${to}${end}`, { force: true });
  // The file itself comes last: while it is there, all of this is done again.
  for (const end of beside.toReversed()) if (existsSync(`${from}${end}`)) renameSync(`${from}${end}`, `${to}${end}`);
};

export const removeDatabase = (file: string): void => {
  for (const end of beside) rmSync(`${file}${end}`, { force: true });
};
