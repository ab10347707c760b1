import type { Question } from './search-questions.ts';

const unsaid = new RegExp(
  `[${[
    '\\u0300-\\u036F',
    '\\u0591-\\u05C7',
    '\\u0640\\u064B-\\u0652\\u0654\\u0655\\u0670',
    '\\u200B-\\u200F\\uFE0F',
    '\\u{1F3FB}-\\u{1F3FF}',
  ].join('')}]`,
  'gu',
);

/** Knows nothing of the index: what somebody would say who reads every text and compares letters. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(unsaid, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i')
    .replaceAll('ς', 'σ')
    .replaceAll('ة', 'ه')
    .replaceAll('ى', 'ي')
    .replaceAll(/[\u0660-\u0669]/g, (digit) => String(digit.codePointAt(0)! - 0x660));

const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u;
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const between = String.raw`[^\p{L}\p{N}\p{M}\p{So}\p{Sc}]+`;
const marked = /^(?:\.net|[a-z]{1,3}\+\+|[a-z]#)$/;

const wordsPattern = (piece: string, isBeginning: boolean): RegExp => {
  const sought = plain(piece);
  const words = marked.test(sought) || !/[\p{L}\p{N}]/u.test(sought) ? [sought] : sought.split(/[^\p{L}\p{N}\p{M}]+/u);
  const body = words.map((word) => escaped(word)).join(between);
  const after = isBeginning || !/[\p{L}\p{N}]$/u.test(sought) ? '' : String.raw`(?![\p{L}\p{N}\p{M}])`;
  const before = /^[.\p{L}\p{N}]/u.test(sought) ? String.raw`(?<![\p{L}\p{N}\p{M}])` : '';
  return new RegExp(`${before}${body}${after}`, 'u');
};

/** A capital within a word begins a word as well. */
const splitAtCapitals = (text: string): string =>
  text.replaceAll(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ');

/** A text made ready to be scanned many times. */
export interface Scannable {
  readonly text: string;
  readonly plain: string;
  readonly split: string;
}
export const scannable = (text: string): Scannable => ({
  text,
  plain: plain(text),
  split: plain(splitAtCapitals(text)),
});

type Test = (text: Scannable) => boolean;

const testOf = (piece: string, kind: Question['kind']): Test => {
  if (unspaced.test(piece)) {
    const pattern = new RegExp(plain(piece).split(' ').map(escaped).join(between), 'u');
    return (text) => pattern.test(text.plain);
  }
  const pattern = wordsPattern(piece, kind === 'beginning');
  const isOneWord = kind !== 'phrase' && /^[\p{L}\p{N}\p{M}]+$/u.test(piece);
  return (text) => pattern.test(text.plain) || (isOneWord && pattern.test(text.split));
};

/** Those of the texts that answer the question. */
export const scan = (
  texts: readonly Scannable[],
  { kind, pieces: [first = '', second = ''] }: Question,
): readonly string[] => {
  const hasFirst = testOf(first, kind);
  const hasSecond = testOf(second, kind);
  const isAnswer: Test = (text) => {
    if (!hasFirst(text)) return false;
    if (kind === 'both') return hasSecond(text);
    return kind !== 'without' || !hasSecond(text);
  };
  return texts.filter(isAnswer).map(({ text }) => text);
};
