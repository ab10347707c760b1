import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import { documentOf, wordsQuery } from '../../contract/search-documents.ts';
import { temporaryPath } from './temporary.ts';

const things = { name: 'things', fields: [], indexes: [] };

/** Secrets whose bytes are in any file of the folder. */
const leftOnDisk = (file: string, secrets: readonly string[]): readonly string[] => {
  const folder = path.dirname(file);
  const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(path.join(folder, name))));
  return secrets.filter((secret) => bytes.indexOf(secret) >= 0);
};

const secretOf = (i: number): string => `qzx${i}secret${(i * 7_919) % 10_000}end`;

test('what is removed or replaced is found in no file a little later, while the store is open', async () => {
  const file = temporaryPath('search.db');
  await using store = new SqliteSearchStore(file);
  await store.ensure([things]);
  const write = (i: number, position: bigint, words?: string) => ({
    collection: things.name,
    id: `${i}`,
    position,
    body: words === undefined ? undefined : documentOf(words, { extras: `=${words}`, labels: [`mentions:${i}`] }),
  });
  const all = Array.from({ length: 600 }, (_, i) => i);
  for (const start of [0, 200, 400]) {
    const part = all.slice(start, start + 200);
    await store.commit(part.map((i) => write(i, 1n, `${secretOf(i)} and other words ${i}`)));
  }
  const secrets = all.map(secretOf);
  expect(leftOnDisk(file, secrets).length).toBeGreaterThan(100);

  await store.commit(all.filter((i) => i % 3 === 0).map((i) => write(i, 2n)));
  await store.commit(all.filter((i) => i % 3 === 1).map((i) => write(i, 2n, `harmless ${i}`)));
  const gone = secrets.filter((_, i) => i % 3 !== 2);
  await expect.poll(() => leftOnDisk(file, gone), { timeout: 10_000 }).toEqual([]);

  const kept = secrets.filter((_, i) => i % 3 === 2);
  for (const secret of kept) {
    expect((await store.search(things.name, wordsQuery(secret))).hits).toHaveLength(1);
  }
  using db = new DatabaseSync(file);
  db.exec(`create virtual table temp.terms using fts5vocab (main, 'things:tokens', row)`);
  const terms = db.prepare(`select term from temp.terms where term glob '*qzx*'`).all();
  expect(terms).toHaveLength(2 * kept.length);
  db.exec(`insert into "things:tokens" ("things:tokens", rank) values ('integrity-check', 0)`);

  await store.drop([things.name]);
  await expect.poll(() => leftOnDisk(file, kept), { timeout: 10_000 }).toEqual([]);
});
