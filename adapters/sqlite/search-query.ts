import type { SearchQuery } from '../../ports/search-store.ts';
import { tableName } from './document-keys.ts';
import { packId, type PackedId } from './search-keys.ts';
import { matchOf, matchOfAtom, matchOfNone } from './search-match.ts';
import { indexTable } from './search-schema.ts';

export interface SearchSql {
  readonly sql: string;
  readonly values: readonly (string | number | bigint | Uint8Array)[];
}

/** Rows have a kind each. */
export const rowKind = { hit: 0n, group: 1n, author: 2n } as const;

/** How much a token counts in each column of the index: in words, in extras, and not at all in labels. */
const weights = '1.0, 0.5, 0.0';

const packedText = (packed: PackedId): readonly [hex: string | null, text: string | null] =>
  typeof packed === 'string' ? [null, packed] : [Buffer.from(packed).toString('hex'), null];

/** Finds nothing: there is nothing to be seen. */
export const isEmptyQuery = ({ visible, authors }: SearchQuery): boolean =>
  visible.length === 0 || authors?.length === 0;

/** One statement that goes through what matches once, for the page and for the facets. */
export const searchSql = (collection: string, query: SearchQuery): SearchSql => {
  const { visible, preferred, sort, from, before, after, limit, offset = 0, facets } = query;
  const index = indexTable(collection);
  const match = matchOf(query);
  const values: (string | number | bigint | Uint8Array)[] = [];
  const ctes: string[] = [];
  const sources: string[] = [];
  const conditions: string[] = [];
  const isRanked = sort === 'relevance' && match !== undefined;

  if (visible !== 'all') {
    ctes.push(`visible ("group", after_seq) as materialized (select coalesce(unhex(value ->> 0), value ->> 1), value ->> 2
      from json_each(?))`);
    values.push(JSON.stringify(visible.map(({ group, afterSeq }) => [...packedText(packId(group)), afterSeq])));
  }
  const preference = isRanked ? preferred : [];
  const score = preference.map(({ wanted }) => {
    const isIn = `(d.row in (select rowid from ${index} where ${index} match ?))`;
    return wanted ? isIn : `(not ${isIn})`;
  });
  values.push(...preference.map(({ atom }) => matchOfAtom(atom)));

  if (match !== undefined) sources.push(index);
  sources.push(`${tableName(collection)} d`);
  if (visible !== 'all') sources.push('visible v');
  if (match !== undefined) {
    conditions.push(`${index} match ?`, `d.row = ${index}.rowid`);
    values.push(match);
  }
  if (visible !== 'all') conditions.push('v."group" = d."group" and d.seq > v.after_seq');
  conditions.push('d.at is not null');
  const excluded = matchOfNone(query);
  if (excluded !== undefined) {
    conditions.push(`d.row not in (select rowid from ${index} where ${index} match ?)`);
    values.push(excluded);
  }
  if (from !== undefined) {
    conditions.push('d.at >= ?');
    values.push(Date.parse(from));
  }
  if (before !== undefined) {
    conditions.push('d.at < ?');
    values.push(Date.parse(before));
  }
  ctes.push(`found as materialized (select d.row, d.id, d."group", d.author, d.at, d.seq,
    ${score.length > 0 ? score.join(' + ') : '0'} as preferred, ${isRanked ? `bm25(${index}, ${weights})` : '0'} as rank
    from ${sources.join(' cross join ')} where ${conditions.join(' and ')})`);

  const beyond = after && sort === 'newest' ? 'where at < ? or (at = ? and id > ?)' : '';
  if (after && sort === 'newest') values.push(Date.parse(after.at), Date.parse(after.at), packId(after.id));
  values.push(limit, sort === 'relevance' ? offset : 0);
  const order = isRanked ? 'preferred desc, rank, at desc, id' : 'at desc, id';
  const parts = [
    `select * from (select ${rowKind.hit} as kind, id, "group", author, at, seq from found ${beyond}
      order by ${order} limit ? offset ?)`,
  ];
  if (facets > 0) {
    for (const column of ['group', 'author'] as const) {
      parts.push(`select * from (select ${rowKind[column]} as kind, "${column}" as id, null, null, count(*) as at, null
        from found group by "${column}" order by count(*) desc, "${column}" limit ?)`);
      values.push(facets);
    }
  }
  return { sql: `with ${ctes.join(', ')} ${parts.join(' union all ')}`, values };
};
