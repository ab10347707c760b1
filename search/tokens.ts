import { exactEmoji, exactForm, foldedEmoji, foldedForm } from './fold.ts';
import { piecesOf, type Piece } from './pieces.ts';

/** A stretch of a text, in UTF-16. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Extra extends Range {
  readonly token: string;
}

/** What stands in one place of a text, as it is searched for. */
export interface Token extends Range {
  readonly token: string;
  /** As it is written; the same as `token` where it has no accents. */
  readonly exact: string;
  /** Parts of it that can be searched for alone. */
  readonly parts: readonly Extra[];
  /** In a run of a script without spaces: every two neighbours make a token, and the last character is one alone. */
  readonly inRun: boolean;
  /** Where the first character ends. */
  readonly firstEnd: number;
  readonly endsRun: boolean;
}

const caseBoundary = /(?<=\p{Ll}\p{M}*)(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const leastPart = 2;

/** `bar` and `Baz` of `barBaz`. */
const caseParts = (word: string, start: number): readonly Extra[] => {
  const parts = word.split(caseBoundary);
  if (parts.length === 1) return [];
  let at = start;
  return parts.flatMap((part) => {
    const range = { start: at, end: at + part.length };
    at = range.end;
    const token = foldedForm(exactForm(part));
    return token.length < leastPart ? [] : [{ token, ...range }];
  });
};

/** What is longer is no word; normalising heaps of combining marks takes time that grows with their square. */
const longestWord = 300;
const longestCharacter = 8;

const wordTokens = ({ text, start, prefix, suffix }: Piece): readonly Token[] => {
  const head = text.slice(0, longestWord).toWellFormed();
  const plain = exactForm(head);
  const from = start + prefix.length;
  const end = from + text.length + suffix.length;
  const marked = (form: string): string => `${prefix}${form}${suffix}`;
  const folded = foldedForm(plain);
  // Marks alone are no word.
  if (folded === '') return [];
  const bare = prefix + suffix === '' ? [] : [{ token: folded, start: from, end: from + text.length }];
  return [
    {
      token: marked(folded),
      exact: marked(plain),
      parts: [...bare, ...caseParts(head, from)],
      start,
      end,
      firstEnd: end,
      inRun: false,
      endsRun: false,
    },
  ];
};

const continues = /^[\p{M}\uFF9E\uFF9F\u1160-\u11FF]$/u;

/** Characters with what belongs to them, each with its place. */
const unitsOf = (run: string, start: number): readonly Extra[] => {
  const units: { token: string; start: number; end: number }[] = [];
  let at = start;
  for (const character of run) {
    const last = units.at(-1);
    const end = at + character.length;
    if (last !== undefined && continues.test(character)) {
      if (last.token.length < longestCharacter) last.token += character;
      last.end = end;
    } else units.push({ token: character, start: at, end });
    at = end;
  }
  return units.flatMap(({ token, start: from, end }) =>
    Array.from(foldedForm(exactForm(token))).map((each) => ({ token: each, start: from, end })),
  );
};

const runTokens = ({ text, start }: Piece): readonly Token[] => {
  const units = unitsOf(text, start);
  return units.map((unit, i): Token => {
    const next = units[i + 1];
    const token = unit.token + (next?.token ?? '');
    return {
      token,
      exact: token,
      parts: [],
      start: unit.start,
      end: next?.end ?? unit.end,
      firstEnd: unit.end,
      inRun: true,
      endsRun: next === undefined,
    };
  });
};

const symbolTokens = ({ text, start }: Piece): readonly Token[] => {
  const end = start + text.length;
  const token = foldedEmoji(text);
  if (token === '') return [];
  return [{ token, exact: exactEmoji(text), parts: [], start, end, firstEnd: end, inRun: false, endsRun: false }];
};

const makers = { word: wordTokens, run: runTokens, symbol: symbolTokens } as const;

/** The tokens of a text, in its order. The same text always has the same ones. */
export const tokensOf = (text: string): readonly Token[] =>
  [...piecesOf(text)].flatMap((piece) => makers[piece.kind](piece));
