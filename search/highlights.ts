import type { Atom, Clause } from '../ports/search-store.ts';
import { tokensOf, type Range, type Token } from './tokens.ts';

const isMet = (sought: string, there: string | undefined, prefix: boolean): boolean =>
  there !== undefined && (prefix ? there.startsWith(sought) : there === sought);

const partRanges = (tokens: readonly Token[], { tokens: [sought], prefix = false }: Atom): readonly Range[] =>
  tokens.flatMap(({ parts }) => parts.filter(({ token }) => isMet(sought, token, prefix)));

const wordRanges = (tokens: readonly Token[], { tokens: sought, prefix = false }: Atom): readonly Range[] => {
  const lastOne = sought.length - 1;
  return tokens.flatMap((first, start): readonly Range[] => {
    const found = sought.every((token, i) => isMet(token, tokens[start + i]?.token, prefix && i === lastOne));
    const last = tokens[start + lastOne];
    if (!found || last === undefined) return [];
    const isOneCharacter = prefix && last.inRun;
    return [{ start: first.start, end: isOneCharacter ? last.firstEnd : last.end }];
  });
};

const merged = (ranges: readonly Range[]): readonly Range[] => {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
};

/** Where a text meets the clauses: ascending, in UTF-16, none touching another. */
export const highlightsIn = (text: string, clauses: readonly Clause[]): readonly Range[] => {
  const tokens = tokensOf(text);
  const atoms = clauses.flat();
  return merged(
    atoms.flatMap((atom) => {
      if (atom.field === 'words') return wordRanges(tokens, atom);
      return atom.field === 'extras' ? partRanges(tokens, atom) : [];
    }),
  );
};
