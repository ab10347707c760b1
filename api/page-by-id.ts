import { z } from 'zod';
import { Uuid, type Page } from '../schemas/common.ts';
import { decodeCursor, encodeCursor } from '../services/cursor.ts';

const Place = z.tuple([Uuid]);

/** One page of a list that is short enough to be read as a whole, in order of ids. */
export const pageById = <Item>(
  all: readonly Item[],
  idOf: (item: Item) => string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Page<Item> & { readonly items: Item[] } => {
  const [from = ''] = decodeCursor(Place, cursor) ?? [];
  const rest = all.filter((item) => idOf(item) > from);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last === undefined || rest.length <= limit ? null : encodeCursor([idOf(last)]) };
};
