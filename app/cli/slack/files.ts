import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { openPromise, type Entry } from 'yauzl';

export interface ExportFile {
  readonly name: string;
  readonly bytes: number;
}

/** The files of an export, wherever they lie. Names are relative, with forward slashes. */
export interface ExportFiles extends Disposable {
  readonly files: readonly ExportFile[];
  read(name: string): Promise<string>;
}

export const openFolder = async (folder: string): Promise<ExportFiles> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map(async (entry) => {
        const full = path.join(entry.parentPath, entry.name);
        const name = path.relative(folder, full).split(path.sep).join('/');
        return { name, bytes: (await stat(full)).size };
      }),
  );
  return {
    files,
    read: (name) => readFile(path.join(folder, name), 'utf8'),
    [Symbol.dispose]: () => undefined,
  };
};

/** The folder that everything lies in, when the archive has such a one, with its slash; else nothing. */
const commonFolder = (names: readonly string[]): string => {
  const users = names.find((name) => name.endsWith('/users.json'));
  return users === undefined ? '' : users.slice(0, -'users.json'.length);
};

export const openArchive = async (file: string): Promise<ExportFiles> => {
  const archive = await openPromise(file, { autoClose: false });
  const entries = new Map<string, Entry>();
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('.json')) entries.set(entry.fileName, entry);
  }
  const prefix = commonFolder([...entries.keys()]);
  return {
    files: [...entries.values()]
      .filter(({ fileName }) => fileName.startsWith(prefix))
      .map(({ fileName, uncompressedSize }) => ({ name: fileName.slice(prefix.length), bytes: uncompressedSize })),
    async read(name) {
      const entry = entries.get(prefix + name);
      if (entry === undefined) throw new Error(`The archive has no ${name}`);
      return await text(await archive.openReadStreamPromise(entry));
    },
    [Symbol.dispose]: () => archive.close(),
  };
};
