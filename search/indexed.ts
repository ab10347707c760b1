import type { SearchDocument } from '../ports/search-store.ts';
import { tokensOf, type Token } from './tokens.ts';

/** Says that a word stands there exactly so, where it has accents. */
export const exactToken = (exact: string): string => `=${exact}`;
/** Says that a word stands there with accents that its token has not. */
export const accentedToken = (token: string): string => `~${token}`;

const extrasOf = ({ token, exact, parts }: Token): readonly string[] => [
  ...parts.map((part) => part.token),
  ...(exact === token ? [] : [exactToken(exact), accentedToken(token)]),
];

/** A text as it is put into the index. */
export const indexedText = (text: string): Pick<SearchDocument, 'words' | 'extras'> => {
  const tokens = tokensOf(text);
  return {
    words: tokens.map(({ token }) => token).join(' '),
    extras: [...new Set(tokens.flatMap(extrasOf))].join(' '),
  };
};
