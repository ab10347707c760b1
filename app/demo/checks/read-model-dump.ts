import path from 'node:path';
import { openDatabase } from '../../../adapters/sqlite/database.ts';
import { documentMigrations } from '../../../adapters/sqlite/document-schema.ts';

/** Every document of the builds that are live: by projection, collection and id its position and its body. */
export type ReadModelDump = ReadonlyMap<string, string>;

interface Row {
  readonly id: string;
  readonly position: bigint;
  readonly body: string;
}

/** What reads are served from at this moment. Names of builds are left out, so that two builds can be compared. */
export const dumpReadModels = (dataFolder: string): ReadModelDump => {
  const file = path.join(dataFolder, 'read-models.db');
  const db = openDatabase(file, { synchronous: 'normal', migrations: documentMigrations, cacheMiB: 8 });
  try {
    const live = db.prepare(`select name, position from "parley:checkpoints" where name like 'live:%'`).all();
    const generations = new Map(live.map(({ name, position }) => [String(name).slice('live:'.length), position]));
    const dump = new Map<string, string>();
    for (const { name } of db.prepare('select name from "parley:collections"').all()) {
      const [projection, , generation, collection] = String(name).split('.');
      if (projection === undefined || String(generations.get(projection)) !== generation) continue;
      const rows = db.prepare(`select id, position, body from "${String(name)}" where body is not null`).all();
      for (const { id, position, body } of rows as unknown as readonly Row[]) {
        dump.set(`${projection}.${collection}/${id}`, `${position} ${canonical(body)}`);
      }
    }
    return dump;
  } finally {
    db.close();
  }
};

const canonical = (body: string): string =>
  JSON.stringify(JSON.parse(body), (_key, value: unknown) =>
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
