/** A stretch of text that becomes one or more tokens; offsets are of UTF-16. */
export interface Piece {
  /** `run`: of a script written without spaces. `symbol`: an emoji or another sign. */
  readonly kind: 'word' | 'run' | 'symbol';
  readonly text: string;
  readonly start: number;
  /** Marks that belong to the word: `.` of `.NET`, `++` of `C++`. */
  readonly prefix: string;
  readonly suffix: string;
}

/** Scripts that put no spaces between words, or, as Korean, write particles onto them. */
const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Bopomofo}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\u30FC\\uFF70\\uFF9E\\uFF9F';
const inRun = `[[${unspaced}]&&[\\p{L}\\p{M}\\p{N}]]`;
const inWord = `[[\\p{L}\\p{M}\\p{N}]--[${unspaced}]]`;
const joining = '\\u00AD\\u200B-\\u200F\\u2060\\u2066-\\u2069\\uFEFF';

/** What is written like a name only there: elsewhere, as in `(.method object)`, the marks stand between words. */
const notAfterWord = '(?<![\\p{L}\\p{M}\\p{N}])';
const dotNet = `(?<prefix>(?<![\\p{L}\\p{M}\\p{N}.])\\.(?=[Nn][Ee][Tt](?![\\p{L}\\p{M}\\p{N}])))?`;
const plusPlus = `(?<=${notAfterWord}[A-Za-z]{1,3})\\+\\+`;
const sharp = `(?<=${notAfterWord}[A-Za-z])#(?![\\p{L}\\p{N}])`;

const pattern = new RegExp(
  [
    `${dotNet}(?<word>(?![0-9]\\uFE0F?\\u20E3)${inWord}[${inWord}${joining}]*)(?<suffix>${plusPlus}|${sharp})?`,
    `(?<run>${inRun}[${inRun}\\p{M}]*)`,
    '(?<emoji>\\p{RGI_Emoji})',
    '(?<sign>[[\\p{So}\\p{Sc}]--[\\u0000-\\u007F]]\\uFE0F?)',
  ].join('|'),
  'gv',
);

/** What can be searched of a text, in its order. */
export function* piecesOf(text: string): Generator<Piece, void, undefined> {
  for (const { groups = {}, index } of text.matchAll(pattern)) {
    const { emoji, run, prefix = '', word, suffix = '', sign } = groups;
    const symbol = emoji ?? sign;
    if (symbol !== undefined) yield { kind: 'symbol', text: symbol, start: index, prefix, suffix };
    else if (run !== undefined) yield { kind: 'run', text: run, start: index, prefix, suffix };
    else yield { kind: 'word', text: word ?? '', start: index, prefix, suffix };
  }
}
