import type { Atom, Clause, Preference, SearchDocument } from '../ports/search-store.ts';
import { indexedText } from './indexed.ts';
import { lettersOf } from './letters.ts';
import { tokensOf, type Token } from './tokens.ts';

/** Shorter words are found as they are typed only: with a letter left out they could be anything. */
export const leastForgiven = 4;
export const mostForgiven = 12;
const mostWords = 8;

const forgiving = (word: string): string => `%${word}`;

/** The word, and the word without one of its letters: two words that are one mistake apart share one of these. */
const variantsOf = (word: string): readonly string[] => {
  const letters = lettersOf(word);
  return [word, ...letters.map((_, i) => letters.toSpliced(i, 1).join(''))];
};

const beginningsOf = (word: string): readonly string[] => {
  const letters = lettersOf(word).slice(0, mostForgiven);
  return Array.from({ length: Math.max(0, letters.length - leastForgiven + 2) }, (_, i) =>
    letters.slice(0, leastForgiven - 1 + i).join(''),
  );
};

const isForgiven = ({ token, inRun }: Token): boolean => !inRun && lettersOf(token).length >= leastForgiven - 1;

/** Names as they are put into the index: found by the beginning of each word, with one mistake in it. */
export const indexedNames = (names: readonly string[]): Pick<SearchDocument, 'words' | 'extras'> => {
  const texts = [...new Set(names)].map((name) => ({ text: indexedText(name), tokens: tokensOf(name) }));
  const variants = texts.flatMap(({ tokens }) =>
    tokens.filter(isForgiven).flatMap(({ token }) => beginningsOf(token).flatMap(variantsOf).map(forgiving)),
  );
  return {
    words: texts
      .map(({ text }) => text.words)
      .filter((words) => words !== '')
      .join(' '),
    extras: [
      ...new Set([...texts.flatMap(({ text: { extras } }) => (extras === '' ? [] : extras.split(' '))), ...variants]),
    ].join(' '),
  };
};

export interface NameQuery {
  readonly every: readonly Clause[];
  readonly preferred: readonly Preference[];
}

const word = (token: string, prefix: boolean): Atom => ({ field: 'words', tokens: [token], prefix });

const clauseOf = ({ token }: Token): Clause => {
  const asTyped = [word(token, true), { field: 'extras', tokens: [token], prefix: true } as const] as const;
  if (lettersOf(token).length < leastForgiven) return [...asTyped];
  const cut = lettersOf(token).slice(0, mostForgiven).join('');
  return [...asTyped, ...variantsOf(cut).map((each): Atom => ({ field: 'extras', tokens: [forgiving(each)] }))];
};

/** Undefined where there is nothing to search for. */
export const nameQueryOf = (text: string): NameQuery | undefined => {
  const tokens = tokensOf(text);
  const single = tokens.filter(({ inRun }) => !inRun).slice(0, mostWords);
  const runs = runsOf(tokens);
  if (single.length + runs.length === 0) return undefined;
  return {
    every: [...single.map(clauseOf), ...runs],
    preferred: single.flatMap(({ token }) => [
      { atom: word(token, false), wanted: true },
      { atom: word(token, true), wanted: true },
    ]),
  };
};

/** A run is found anywhere in a name. */
const runsOf = (tokens: readonly Token[]): readonly Clause[] => {
  const clauses: Clause[] = [];
  let run: string[] = [];
  for (const { token, inRun, endsRun } of tokens) {
    if (!inRun) continue;
    const isAlone = endsRun && run.length === 0;
    if (!endsRun || isAlone) run.push(token);
    const [first, ...rest] = run;
    if (!endsRun || first === undefined) continue;
    clauses.push([{ field: 'words', tokens: [first, ...rest], prefix: isAlone }]);
    run = [];
  }
  return clauses.slice(0, mostWords);
};
