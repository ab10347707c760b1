import type { Atom, Clause, Preference } from '../ports/search-store.ts';
import { accentedToken, exactToken } from './indexed.ts';
import { lettersOf } from './letters.ts';
import type { TextPart } from './query-parts.ts';
import { tokensOf, type Token } from './tokens.ts';

/** What of a query is looked for in texts. */
export interface TextQuery {
  readonly every: readonly Clause[];
  readonly none: readonly Clause[];
  readonly preferred: readonly Preference[];
}

/** A single letter is not taken for the beginning of a word: it would find nearly everything. */
const leastPrefix = 2;
const mostPreferences = 8;

const wordEnd = /[\p{L}\p{M}\p{N}]$/u;
const starEnd = /[\p{L}\p{M}\p{N}]\*$/u;

interface Sought {
  readonly tokens: readonly Token[];
  readonly prefix: boolean;
}

/** Whatever stands beside it, a run of a script without spaces is found as a part of a longer one as well. */
const soughtOf = ({ text, quoted, negated, open }: TextPart): Sought => {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  if (last?.inRun === true) {
    const isOneCharacter = tokens.at(-2)?.inRun !== true || tokens.at(-2)?.endsRun === true;
    return isOneCharacter ? { tokens, prefix: true } : { tokens: tokens.slice(0, -1), prefix: false };
  }
  const mayContinue = open && !negated && wordEnd.test(text);
  const prefix = !quoted && (mayContinue || starEnd.test(text));
  return { tokens, prefix: prefix && last !== undefined && lettersOf(last.token).length >= leastPrefix };
};

const atomOf = (field: Atom['field'], tokens: readonly string[], prefix: boolean): Atom => {
  const [first = '', ...rest] = tokens;
  return { field, tokens: [first, ...rest], ...(prefix && { prefix }) };
};

const clauseOf = ({ tokens, prefix }: Sought, quoted: boolean): Clause => {
  const texts = tokens.map(({ token }) => token);
  const words = atomOf('words', texts, prefix);
  const [only] = tokens;
  if (tokens.length > 1 || quoted || only?.inRun === true) return [words];
  return [words, atomOf('extras', texts, prefix)];
};

const preferencesOf = ({ tokens, prefix }: Sought): readonly Preference[] => {
  const [only] = tokens;
  if (tokens.length !== 1 || only === undefined || only.inRun) return [];
  const { token, exact } = only;
  const written: Preference =
    exact === token
      ? { atom: atomOf('extras', [accentedToken(token)], false), wanted: false }
      : { atom: atomOf('extras', [exactToken(exact)], prefix), wanted: true };
  return prefix ? [written, { atom: atomOf('words', [token], false), wanted: true }] : [written];
};

/** A part without anything that can be searched for says nothing. */
export const textQueryOf = (parts: readonly TextPart[]): TextQuery => {
  const sought = parts.map((part) => ({ ...part, ...soughtOf(part) })).filter(({ tokens }) => tokens.length > 0);
  const wanted = sought.filter(({ negated }) => !negated);
  return {
    every: wanted.map((each) => clauseOf(each, each.quoted)),
    none: sought.filter(({ negated }) => negated).map((each) => clauseOf(each, each.quoted)),
    preferred: wanted.flatMap(preferencesOf).slice(0, mostPreferences),
  };
};

/** How many tokens a query looks for. */
export const sizeOf = ({ every, none }: TextQuery): number =>
  [...every, ...none].reduce((sum, [{ tokens }]) => sum + tokens.length, 0);
