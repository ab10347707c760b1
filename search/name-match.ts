import { lettersOf } from './letters.ts';
import { tokensOf } from './tokens.ts';
import { leastForgiven, mostForgiven } from './names.ts';

const rest = (letters: readonly string[], from: number): string => letters.slice(from).join('');

/** At most one letter more, less, another one, or two neighbours in the wrong order. */
const isOneMistake = (one: readonly string[], other: readonly string[]): boolean => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  if (rest(one, at + 1) === rest(other, at + 1)) return true;
  if (rest(one, at) === rest(other, at + 1) || rest(one, at + 1) === rest(other, at)) return true;
  return one[at] === other[at + 1] && one[at + 1] === other[at] && rest(one, at + 2) === rest(other, at + 2);
};

const beginsSoAlmost = (word: string, typed: string): boolean => {
  const letters = lettersOf(word);
  const sought = lettersOf(typed).slice(0, mostForgiven);
  if (sought.length < leastForgiven) return false;
  return [-1, 0, 1].some((more) => isOneMistake(sought, letters.slice(0, sought.length + more)));
};

const wordRank = (words: readonly string[], typed: string): number => {
  if (words.includes(typed)) return 0;
  if (words.some((word) => word.startsWith(typed))) return 1;
  return words.some((word) => beginsSoAlmost(word, typed)) ? 2 : Infinity;
};

/** How well names fit what was typed, 0 the best; Infinity where they do not. */
export const nameRank = (typed: string, names: readonly string[]): number => {
  const tokens = names.flatMap((name) => tokensOf(name));
  const parts = tokens.flatMap((token) => token.parts);
  const words = [...tokens, ...parts].map(({ token }) => token);
  return tokensOf(typed)
    .filter(({ inRun }) => !inRun)
    .reduce((sum, { token }) => sum + wordRank(words, token), 0);
};
