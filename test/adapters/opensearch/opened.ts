import { randomUUID } from 'node:crypto';
import { OpenSearchStore, type OpenSearchStoreOptions } from '../../../adapters/opensearch/search-store.ts';
import type { Opened } from '../../contract/opened.ts';

/** Names of its own on a server. */
export const newPrefix = (url: string): string => new URL(`/t-${randomUUID().slice(0, 8)}`, url).href;

/** On names of its own, which go when the store is closed. */
export const freshStore = async (
  url: string,
  options: Omit<OpenSearchStoreOptions, 'url'> = {},
): Promise<Opened<OpenSearchStore>> => {
  const reopen = async (): Promise<OpenSearchStore> => new OpenSearchStore({ ...options, url: prefixed });
  const prefixed = newPrefix(url);
  return { store: await reopen(), reopen };
};
