import { seededRandom, type Random } from '../../app/demo/random.ts';
import { languages, type Language } from './search-languages.ts';
import { loadTraffic } from './traffic.ts';

const tails = ['', '', '', ' 👍🏽', ' 🎉', ' C++', ' C#', ' .NET', ' foo.barBaz()', ' 5 €', ' https://example.org/a'];

const mixed = (random: Random, { sentences }: Language): string => {
  const words = sentences.flatMap((sentence) => sentence.split(' '));
  const said = Array.from({ length: 1 + random.below(6) }, () => random.pick(words)).join(' ');
  return random.chance(0.5) ? random.pick(sentences) : `${random.pick(sentences)}. ${said}`;
};

/** What somebody says in one of the twelve languages. */
export const foreignText = (random: Random): string => `${mixed(random, random.pick(languages))}${random.pick(tails)}`;

/** Texts of recorded traffic, and so many of made-up conversations in each of twelve languages. Always the same. */
export const searchTexts = (ofEach: number, ofRecorded = Infinity): readonly string[] => {
  const random = seededRandom(12);
  const recorded = loadTraffic().events.map(({ text = '', message }) => message?.text ?? text);
  const foreign = languages.flatMap((language) =>
    Array.from({ length: ofEach }, () => `${mixed(random, language)}${random.pick(tails)}`),
  );
  return [...new Set([...recorded.slice(0, ofRecorded), ...foreign])].filter((text) => text !== '');
};
