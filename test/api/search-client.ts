import { expect } from 'vitest';
import type { FoundMessages } from '../../schemas/search.ts';
import type { Person } from './conversations-server.ts';

export const searchUrl = (params: Readonly<Record<string, string | readonly string[]>>): string => {
  const query = new URLSearchParams(
    Object.entries(params).flatMap(([name, values]) => [values].flat().map((value) => [name, value])),
  );
  return `/search/messages?${String(query)}`;
};

export const searchFor = async (
  person: Person,
  params: string | Readonly<Record<string, string | readonly string[]>>,
): Promise<FoundMessages> => {
  const answer = await person.get<FoundMessages>(searchUrl(typeof params === 'string' ? { q: params } : params));
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
};

export const textsFor = async (...asking: Parameters<typeof searchFor>): Promise<readonly (string | null)[]> =>
  (await searchFor(...asking)).items.map(({ message }) => message.text);

/** The same in order of the texts. */
export const sortedTextsFor = async (...asking: Parameters<typeof searchFor>): Promise<readonly string[]> =>
  (await textsFor(...asking)).map((text) => text ?? '').toSorted();

/** What is marked in each hit. */
export const markedIn = ({ items }: FoundMessages): readonly (readonly string[])[] =>
  items.map(({ message, highlights }) => highlights.map(({ start, end }) => (message.text ?? '').slice(start, end)));
