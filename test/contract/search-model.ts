import type { Atom, Clause, SearchDocument, SearchQuery } from '../../ports/search-store.ts';

const meetsAtom = (document: SearchDocument, { field, tokens, prefix }: Atom): boolean => {
  const all = field === 'labels' ? document.labels : document[field].split(' ');
  return all.some((_, start) =>
    tokens.every((token, i) => {
      const there = all[start + i];
      return prefix === true && i === tokens.length - 1 ? there?.startsWith(token) === true : there === token;
    }),
  );
};

const meets = (document: SearchDocument, clause: Clause): boolean => clause.some((atom) => meetsAtom(document, atom));

/** Whether a document meets the clauses of a query, found out by looking at it. */
export const matches = (document: SearchDocument, { every, none }: Pick<SearchQuery, 'every' | 'none'>): boolean =>
  every.every((clause) => meets(document, clause)) && !none.some((clause) => meets(document, clause));
