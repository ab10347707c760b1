import path from 'node:path';
import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import type { DocumentStore } from '../../../ports/document-store.ts';
import { readLive } from '../../../projections/builds.ts';
import { contentsOf } from '../../../projections/contents.ts';
import { projections, readModelNames } from '../../../projections/registry.ts';
import { dataFiles } from '../../data-files.ts';

/** Every document of the builds that are live: by projection, collection and id its position and its body. */
export type ReadModelDump = ReadonlyMap<string, string>;

/** A search store can be asked, but not listed: what it holds is compared by searching. */
const listed = readModelNames.filter((name) => name !== 'search');

/**
 * What reads but searches are served from at this moment. Names of builds are left out, so that two builds can be
 * compared.
 */
export const dumpOf = async (documents: DocumentStore): Promise<ReadModelDump> => {
  const dump = new Map<string, string>();
  for (const name of listed) {
    const live = await readLive(documents, name);
    if (live === undefined) continue;
    for (const [address, { position, body }] of await contentsOf(documents, projections[name], live.name)) {
      dump.set(`${name}.${address}`, `${position} ${canonical(body)}`);
    }
  }
  return dump;
};

/** The same of a data folder. A server may be running on it. */
export const dumpReadModels = async (dataFolder: string): Promise<ReadModelDump> => {
  await using documents = new SqliteDocumentStore(path.join(dataFolder, dataFiles.documents));
  return await dumpOf(documents);
};

const canonical = (body: object): string =>
  JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** One line for every document that only one of the two holds, or holds otherwise. */
export const compareDumps = (live: ReadModelDump, rebuilt: ReadModelDump): readonly string[] => {
  const keys = new Set([...live.keys(), ...rebuilt.keys()]);
  return [...keys]
    .filter((key) => live.get(key) !== rebuilt.get(key))
    .map((key) => `${key}\n  live    ${live.get(key) ?? 'missing'}\n  rebuilt ${rebuilt.get(key) ?? 'missing'}`);
};
