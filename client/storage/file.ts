import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClientStorage } from './storage.ts';

/** A log of writes, each one line of JSON; it is written anew when most of it is outdated. */
const smallestWorthRewriting = 1024 * 1024;

type Line = readonly (readonly [key: string, value?: unknown])[];

const parseLine = (text: string): Line | undefined => {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
};

/** What the file holds, up to a line that a crash has cut off, and how many bytes of it are whole. */
const load = async (path: string): Promise<{ readonly entries: Map<string, unknown>; readonly bytes: number }> => {
  const entries = new Map<string, unknown>();
  let bytes = 0;
  const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  for (;;) {
    const end = content.indexOf('\n', bytes);
    const line = end === -1 ? undefined : parseLine(content.toString('utf8', bytes, end));
    if (line === undefined) return { entries, bytes };
    for (const [key, value] of line) {
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
    }
    bytes = end + 1;
  }
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

class FileStorage implements ClientStorage {
  readonly #path: string;
  readonly #entries: Map<string, unknown>;
  #file: FileHandle;
  #bytes: number;
  #liveBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, file: FileHandle, entries: Map<string, unknown>, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
    this.#bytes = bytes;
    this.#liveBytes = bytes;
  }

  async read(prefix: string): Promise<ReadonlyMap<string, unknown>> {
    await this.#last.catch(() => {});
    const found = [...this.#entries].filter(([key]) => key.startsWith(prefix));
    return new Map(structuredClone(found));
  }

  write(changes: ReadonlyMap<string, unknown>): Promise<void> {
    // Turned into text at once: what its owner changes later is not part of this write.
    const text = JSON.stringify([...changes].map(([key, value]) => (value === undefined ? [key] : [key, value])));
    this.#last = this.#last.catch(() => {}).then(() => this.#append(text));
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#file.close();
  }

  async #append(text: string): Promise<void> {
    const line = Buffer.from(`${text}\n`);
    await this.#file.write(line, 0, line.length, this.#bytes);
    await this.#file.datasync();
    this.#bytes += line.length;
    for (const [key, value] of JSON.parse(text) as Line) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
    if (this.#bytes > Math.max(smallestWorthRewriting, 2 * this.#liveBytes)) await this.#rewrite();
  }

  async #rewrite(): Promise<void> {
    const line = Buffer.from(`${JSON.stringify([...this.#entries])}\n`);
    const next = await open(`${this.#path}.new`, 'w');
    try {
      await next.writeFile(line);
      await next.datasync();
      await rename(`${this.#path}.new`, this.#path);
    } catch (error) {
      await next.close();
      throw error;
    }
    // From here on the new one is the file, whatever else goes wrong.
    const outdated = this.#file;
    this.#file = next;
    this.#bytes = line.length;
    this.#liveBytes = line.length;
    await outdated.close();
    await syncFolder(this.#path);
  }
}

/**
 * One file, for Node; values are JSON. A crash at any moment loses no write that had resolved, and leaves none by
 * half. The file must be used by one process at a time; its folder must be there.
 */
export const openFileStorage = async (path: string): Promise<ClientStorage> => {
  const { entries, bytes } = await load(path);
  const file = await open(path, entries.size === 0 && bytes === 0 ? 'w+' : 'r+');
  // What a crash has left behind the last whole line must not stand behind the next one either.
  await file.truncate(bytes);
  await file.datasync();
  await syncFolder(path);
  return new FileStorage(path, file, entries, bytes);
};
