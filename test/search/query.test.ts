import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { highlightsIn } from '../../search/highlights.ts';
import { sizeOf, textQueryOf } from '../../search/clauses.ts';
import { partsOf, type TextPart } from '../../search/query-parts.ts';
import { indexedText } from '../../search/indexed.ts';
import { matches } from '../contract/search-model.ts';
import { documentOf } from '../contract/search-documents.ts';

const textParts = (query: string): readonly TextPart[] => partsOf(query).filter((part) => part.kind === 'text');
const finds = (query: string, text: string): boolean =>
  matches(documentOf('', indexedText(text)), textQueryOf(textParts(query)));

describe('a query', () => {
  test('has operators, quoted words, excluded words and a last one that is still being typed', () => {
    expect(partsOf('from:ana in:"my group" "exact phrase" -not BEFORE:2018-02-03 http://x -has:link hel')).toEqual([
      { kind: 'operator', operator: 'from', value: 'ana', negated: false },
      { kind: 'operator', operator: 'in', value: 'my group', negated: false },
      { kind: 'text', text: 'exact phrase', quoted: true, negated: false, open: false },
      { kind: 'text', text: 'not', quoted: false, negated: true, open: false },
      { kind: 'operator', operator: 'before', value: '2018-02-03', negated: false },
      { kind: 'text', text: 'http://x', quoted: false, negated: false, open: false },
      { kind: 'operator', operator: 'has', value: 'link', negated: true },
      { kind: 'text', text: 'hel', quoted: false, negated: false, open: true },
    ]);
  });

  test.each([
    ['"unbalanced quote', [{ text: 'unbalanced quote', quoted: true }]],
    [
      '“smart quotes” x',
      [
        { text: 'smart quotes', quoted: true },
        { text: 'x', quoted: false },
      ],
    ],
    ['a"b', [{ text: 'a"b', quoted: false }]],
    ['- -- ""', [{ text: '-', negated: true }]],
    ['-"two words"', [{ text: 'two words', quoted: true, negated: true }]],
  ])('%s can be read', (query, parts) => {
    expect(partsOf(query)).toMatchObject(parts);
    expect(partsOf(query)).toHaveLength(parts.length);
  });

  test('can be read whatever it is, from its beginning to its end', () => {
    const fragment = fc.oneof(
      fc.constantFrom('"', '-', ' ', 'from:', 'has:', '“', '”', 'word', '東', ':', '\n'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 15 }), (fragments) => {
        const query = fragments.join('');
        const parts = partsOf(query);
        expect(sizeOf(textQueryOf(textParts(query)))).toBeLessThanOrEqual(query.length);
        const read = parts.map((part) => (part.kind === 'text' ? part.text : part.value)).join('');
        const letters = (text: string): string => text.replaceAll(/[^東w]/g, '');
        expect(letters(read)).toBe(letters(query));
      }),
      { numRuns: 1_000 },
    );
  });

  test('of any stretch of a text of words finds the text', () => {
    const word = fc.constantFrom(
      'alpha',
      'Bèta',
      'c++',
      'foo.barBaz',
      '東京都',
      '学',
      'สวัสดี',
      'שלום',
      "l'eau",
      '👍🏽',
      '한국어',
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), (words, from, count) => {
        const start = from % words.length;
        const some = words.slice(start, start + 1 + (count % 4)).join(' ');
        const text = words.join(' ');
        expect(finds(`"${some}"`, text)).toBe(true);
        expect(finds(some, text)).toBe(true);
        expect(finds(`-"${some}"`, text)).toBe(false);
        const marked = highlightsIn(text, textQueryOf(textParts(`"${some}"`)).every);
        expect(marked.some(({ start: at, end }) => text.slice(at, end).includes(some))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('of any part of a run of a script without spaces finds it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('東京都庁へ行く한국')), minLength: 1, maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        (text, from, to) => {
          const characters = Array.from(text);
          const start = from % characters.length;
          const part = characters.slice(start, start + 1 + (to % (characters.length - start))).join('');
          expect(finds(part, `x ${text} y`)).toBe(true);
          const [first] = highlightsIn(text, textQueryOf(textParts(part)).every);
          expect(text.slice(first!.start, first!.end)).toContain(part);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('takes the last word for the beginning of one only while nothing follows it', () => {
    expect(finds('hel', 'hello')).toBe(true);
    expect(finds('hel ', 'hello')).toBe(false);
    expect(finds('hel* x', 'hello x')).toBe(true);
    expect(finds('"hel"', 'hello')).toBe(false);
    expect(finds('h', 'hello')).toBe(false);
    expect(finds('foo.ba', 'foo.barBaz')).toBe(true);
    expect(finds('hello-', 'hellos')).toBe(false);
  });
});
