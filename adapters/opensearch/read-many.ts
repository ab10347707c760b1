import type { OpenSearchConnection } from './connection.ts';
import { explained } from './failures.ts';

/** A document, and what tells whether it has been written since. */
export interface Found<Source> {
  readonly _id: string;
  readonly _source: Source;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

interface Failed {
  readonly _id: string;
  readonly error: { readonly type: string };
}

type Item<Source> =
  | Failed
  | { readonly _id: string; readonly found: false }
  | (Found<Source> & { readonly found: true });

const mostAtOnce = 1_000;
const missingIndex = 'index_not_found_exception';

/**
 * The documents with these ids, each once, as they are now, written or not yet to be searched. Undefined when there is
 * no such index.
 */
export const readMany = async <Source>(
  { client }: OpenSearchConnection,
  index: string,
  ids: readonly string[],
): Promise<readonly Found<Source>[] | undefined> => {
  const wanted = [...new Set(ids)];
  const found: Found<Source>[] = [];
  for (let i = 0; i < wanted.length; i += mostAtOnce) {
    const { body } = await client.mget({ index, body: { ids: wanted.slice(i, i + mostAtOnce) } });
    const items = body.docs as unknown as readonly Item<Source>[];
    for (const item of items) {
      if ('error' in item) {
        if (item.error.type === missingIndex) return undefined;
        throw explained({ status: 503, type: item.error.type }, undefined);
      }
      if (item.found) found.push(item);
    }
  }
  return found;
};
