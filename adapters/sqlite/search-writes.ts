import type { Document, Write } from '../../ports/document-store.ts';
import type { SearchDocument } from '../../ports/search-store.ts';
import type { Statements } from './database.ts';
import { tableName } from './document-keys.ts';
import { packId, unpackId, type PackedId } from './search-keys.ts';
import { authorLabel, groupLabel } from './search-match.ts';
import { indexTable } from './search-schema.ts';

interface StoredRow {
  readonly row: bigint;
  readonly id: PackedId;
  readonly position: bigint;
  readonly group: PackedId;
  readonly author: PackedId;
  readonly at: bigint;
  readonly seq: bigint;
  readonly kept: string;
  readonly words: string | null;
  readonly extras: string;
  readonly labels: string;
}

type Indexed = readonly [words: string, extras: string, labels: string];

const columns = 'row, id, position, "group", author, at, seq, kept, words, extras, labels';

const bodyOf = (row: StoredRow): SearchDocument => ({
  words: row.words ?? '',
  extras: row.extras,
  labels: row.labels === '' ? [] : row.labels.split(' '),
  group: unpackId(row.group),
  seq: Number(row.seq),
  author: unpackId(row.author),
  at: new Date(Number(row.at)).toISOString(),
  kept: JSON.parse(row.kept) as SearchDocument['kept'],
});

/** What the full-text index is given of a document; to take it out again it must be given the very same. */
const indexed = ({ words, extras, labels, group, author }: SearchDocument): Indexed => [
  words,
  extras,
  [...labels, groupLabel(group), authorLabel(author)].join(' '),
];

const timeOf = (at: string): number => {
  const time = Date.parse(at);
  if (Number.isNaN(time)) throw new TypeError('A time of a search document is none');
  return time;
};

const select = (collection: string): string => `select ${columns} from ${tableName(collection)} where id = ?`;

export const readDocuments = (
  statements: Statements,
  collection: string,
  ids: readonly string[],
): readonly Document<SearchDocument>[] => {
  const statement = statements.get(`${select(collection)} and words is not null`);
  return [...new Set(ids)]
    .map((id) => statement.get(packId(id)) as StoredRow | undefined)
    .filter((row) => row !== undefined)
    .map((row) => ({ id: unpackId(row.id), position: row.position, body: bodyOf(row) }));
};

/** Applies a write that is newer than what is there. True when something that could be found before is gone. */
export const writeDocument = (
  statements: Statements,
  { collection, id, position, body }: Write & { readonly body?: SearchDocument },
): boolean => {
  const table = tableName(collection);
  const index = indexTable(collection);
  const key = packId(id);
  const stored = statements.get(select(collection)).get(key) as StoredRow | undefined;
  if (stored !== undefined && stored.position >= position) return false;
  const before = stored === undefined || stored.words === null ? undefined : indexed(bodyOf(stored));
  const after = body && indexed(body);
  const isSame = before !== undefined && after !== undefined && before.every((text, i) => text === after[i]);

  if (before !== undefined && !isSame) {
    const remove = `insert into ${index} (${index}, rowid, words, extras, labels) values ('delete', ?, ?, ?, ?)`;
    statements.get(remove).run(stored!.row, ...before);
  }
  const written = statements
    .get(
      `insert into ${table} (id, position, "group", author, at, seq, kept, words, extras, labels)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set position = excluded.position, "group" = excluded."group",
        author = excluded.author, at = excluded.at, seq = excluded.seq, kept = excluded.kept,
        words = excluded.words, extras = excluded.extras, labels = excluded.labels returning row`,
    )
    .get(...rowOf(key, position, body));
  if (after !== undefined && !isSame) {
    const add = `insert into ${index} (rowid, words, extras, labels) values (?, ?, ?, ?)`;
    statements.get(add).run(written!['row'] as bigint, ...after);
  }
  return before !== undefined && !isSame;
};

const rowOf = (key: PackedId, position: bigint, body: SearchDocument | undefined) =>
  body === undefined
    ? [key, position, null, null, null, null, null, null, null, null]
    : [
        key,
        position,
        packId(body.group),
        packId(body.author),
        timeOf(body.at),
        body.seq,
        JSON.stringify(body.kept),
        body.words,
        body.extras,
        body.labels.join(' '),
      ];
