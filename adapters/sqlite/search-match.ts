import type { Atom, SearchQuery } from '../../ports/search-store.ts';

/** More groups than these are looked up row by row instead of in the full-text index. */
const mostGroupsInIndex = 20;

/** Labels that every document gets beside its own, so that the index itself knows where and by whom it is. */
export const groupLabel = (group: string): string => `in:${group}`;
export const authorLabel = (author: string): string => `by:${author}`;

const label = (token: string): Atom => ({ field: 'labels', tokens: [token] });

/** Nothing within the quotes has a meaning to SQLite but a quote, which is doubled. */
const atomText = ({ field, tokens, prefix }: Atom): string =>
  `{${field}} : "${tokens.join(' ').replaceAll('"', '""')}"${prefix === true ? ' *' : ''}`;

const anyOf = (atoms: readonly Atom[]): string => `(${atoms.map(atomText).join(' OR ')})`;

/** One atom in the language of FTS5. */
export const matchOfAtom = (atom: Atom): string => anyOf([atom]);

/** What the full-text index says of documents to be left out; undefined when it is nothing. */
export const matchOfNone = ({ none, notAuthors = [] }: SearchQuery): string | undefined => {
  const atoms = [...none.flat(), ...notAuthors.map((author) => label(authorLabel(author)))];
  return atoms.length === 0 ? undefined : anyOf(atoms);
};

/** What the full-text index can decide of a query; undefined when that is nothing. Documents that a `none` finds are still in it. */
export const matchOf = ({ every, visible, authors }: SearchQuery): string | undefined => {
  const clauses: (readonly Atom[])[] = [...every];
  if (visible !== 'all' && visible.length <= mostGroupsInIndex) {
    clauses.push(visible.map(({ group }) => label(groupLabel(group))));
  }
  if (authors !== undefined) clauses.push(authors.map((author) => label(authorLabel(author))));
  return clauses.length === 0 ? undefined : clauses.map(anyOf).join(' AND ');
};
