import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenMarks } from '../../ports/search-store.ts';
import { indexedText } from '../../search/indexed.ts';
import { tokensOf } from '../../search/tokens.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        'é',
        'e\u0301',
        'ß',
        'İ',
        'ｶﾞ',
        '東京',
        'ﷺ',
        '⑴',
        '½',
        '👍🏽',
        '👨‍👩‍👧',
        '1️⃣',
        '🇩🇪',
        'C++',
        '.NET',
        'aB',
        ' ',
        '\u200D',
        'ั',
        '학',
        '१',
        '²',
        '"',
        '*',
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join('')),
);

describe('the tokens of a text', () => {
  test.each([
    ['Hello foo.barBaz', 'hello foo barbaz', 'bar baz'],
    ["C++ C# .NET i++ don't", 'c++ c# .net i++ don t', 'c net i'],
    ['a.net gensym# (.getName x) c# C#x', 'a net gensym getname x c# c x', 'get name c'],
    ['naïve CAFÉ cafe', 'naive cafe cafe', '=naïve ~naive =café ~cafe'],
    ['東京都庁', '東京 京都 都庁 庁', ''],
    ['ｶﾞｷﾞ', 'ガギ ギ', ''],
    ['日本語text', '日本 本語 語 text', ''],
    ['학교에서 가', '학교 교에 에서 서 가', ''],
    ['สวัสดี', 'สว วั ัส สด ดี ี', ''],
    ['Straße ΣΊΣΥΦΟΣ', 'strasse σισυφοσ', '=straße ~strasse =σίσυφος ~σισυφοσ'],
    ['شكـــرا ١٢٣', 'شكرا 123', ''],
    ['שָׁלוֹם', 'שלום', '=שָׁלוֹם ~שלום'],
    ['नमस्ते', 'नमस्ते', ''],
    ['👍🏽 ❤️ ❤ 1️⃣ 🇩🇪 €5', '👍 ❤ ❤ 1⃣ 🇩🇪 € 5', '=👍🏽 ~👍'],
    ['Ｆｏｏ ﬁnd ²', 'foo find 2', ''],
  ])('%s: %s | %s', (text, words, extras) => {
    expect(indexedText(text)).toEqual({ words, extras });
  });

  test('are such as every store takes, and mark stretches of the text in its order', () => {
    const allowed = new RegExp(`^[^\\p{C}\\p{Z}A-Z\\x21-\\x7E]*$`, 'u');
    const marks = new RegExp(`[${tokenMarks.replaceAll(/[-\\^\]]/g, String.raw`\$&`)}a-z0-9\u200D]`, 'gu');
    fc.assert(
      fc.property(anyText, (text) => {
        const { words, extras } = indexedText(text);
        for (const token of [words, extras].filter((all) => all !== '').flatMap((all) => all.split(' '))) {
          expect(token).not.toBe('');
          expect(token.isWellFormed()).toBe(true);
          expect(token.replaceAll(marks, '').replaceAll(/\p{Cn}/gu, '')).toMatch(allowed);
        }
        let last = 0;
        for (const { start, end } of tokensOf(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          last = start;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('are the same in capitals, decomposed, and when they are taken for a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('aéßçñøŞ東ガ학خя ٣🎉')), maxLength: 30 }), (text) => {
        const { words } = indexedText(text);
        expect(indexedText(text.normalize('NFD')).words).toBe(words);
        expect(indexedText(text.toUpperCase()).words).toBe(words);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['marks', '\u0301'.repeat(16_000)],
    ['a letter with marks', `a${'\u0301'.repeat(8_000)}`],
    ['capitals', 'aB'.repeat(8_000)],
    ['dots', 'a.'.repeat(8_000)],
    ['one character', '東'.repeat(5_400)],
    ['joiners', `a${'\u200D'.repeat(5_000)}`],
    ['flags', '🇩'.repeat(4_000)],
    ['pluses', 'a+'.repeat(8_000)],
  ])('take little time for 16 KiB of %s', (_, text) => {
    const started = performance.now();
    tokensOf(text);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
