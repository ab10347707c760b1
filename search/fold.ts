/** Letters that no decomposition takes apart, and those that people write for one another. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
  ħ: 'h',
  ς: 'σ',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
};
const anyLetter = new RegExp(`[${Object.keys(letters).join('')}]`, 'g');

/** Accents, harakat and niqqud; not the vowel signs of Indic scripts, nor what makes か into が. */
const accentRanges = [
  '\\u0300-\\u036F',
  '\\u0591-\\u05BD\\u05BF\\u05C1\\u05C2\\u05C4\\u05C5\\u05C7',
  '\\u0610-\\u061A\\u064B-\\u065F\\u0670',
  '\\u06D6-\\u06DC\\u06DF-\\u06E4\\u06E7\\u06E8\\u06EA-\\u06ED',
  '\\u08D3-\\u08E1\\u08E3-\\u08FF',
  '\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF\\uFE20-\\uFE2F',
];
const accents = new RegExp(`[${accentRanges.join('')}]`, 'g');

/** Tatweel, joiners and marks of direction say nothing. */
const invisible = /[\u0640\p{Cf}\uFE0F]/gu;
const notInWords = /[^\p{L}\p{M}\p{N}]/gu;
const foreignDigit = /[\p{Nd}--[0-9]]/gv;

/** Longer tokens are cut: nobody types them. */
const mostLength = 100;

const isDigit = (point: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(point));

/** Digits of every script stand in unbroken tens. */
const asciiDigit = (digit: string): string => {
  const point = digit.codePointAt(0)!;
  let zero = point;
  while (isDigit(zero - 1)) zero -= 1;
  return String((point - zero) % 10);
};

const cut = (token: string): string => (token.length <= mostLength ? token : token.slice(0, mostLength).toWellFormed());

const plain = /^[a-z0-9]*$/;

/** A word as it is written, whatever its case and width. May be empty. */
export const exactForm = (word: string): string => {
  const lower = word.toLowerCase();
  return cut(plain.test(lower) ? lower : normalForm(word));
};

const normalForm = (word: string): string =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(invisible, '')
    .replaceAll(notInWords, '')
    .replaceAll(foreignDigit, asciiDigit);

/** An exact form without its accents. Folding twice changes nothing. */
export const foldedForm = (exact: string): string =>
  plain.test(exact)
    ? exact
    : cut(
        exact
          .normalize('NFD')
          .replaceAll(accents, '')
          .normalize('NFC')
          .replaceAll(anyLetter, (letter) => letters[letter]!),
      );

export const exactEmoji = (emoji: string): string => emoji.replaceAll('\uFE0F', '');
/** Without the tone of the skin. */
export const foldedEmoji = (emoji: string): string => emoji.replaceAll(/[\uFE0F\p{Emoji_Modifier}]/gu, '');
