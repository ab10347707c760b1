import type { Write } from '../../ports/document-store.ts';
import type { OpenSearchConnection } from './connection.ts';
import { explained, isStale, type Failure } from './failures.ts';
import { bulkLines } from './stored-document.ts';

const mostDocuments = 1_000;
const mostLength = 4_000_000;

/** Requests of a size that one answer can be waited for. */
function* requestsOf(writes: readonly Write[]): Generator<string> {
  let lines: string[] = [];
  let length = 0;
  for (const write of writes) {
    const next = bulkLines(write);
    if (lines.length > 0 && (lines.length === mostDocuments || length + next.length > mostLength)) {
      yield lines.join('');
      lines = [];
      length = 0;
    }
    lines.push(next);
    length += next.length;
  }
  if (lines.length > 0) yield lines.join('');
}

interface Item {
  readonly status: number;
  readonly result?: string;
  readonly error?: { readonly type: string };
}

export interface BulkTarget {
  readonly connection: OpenSearchConnection;
  readonly collection: string;
  readonly alias: string;
}

const failureOf = ({ status, error }: Item): Failure => ({ status, type: error?.type ?? 'an error' });

/**
 * Puts each document in place of an older one, or where there is none; leaves newer ones as they are, and lets none of
 * them hold up the others. Each id at most once. Gives whether anything was replaced, and so may still be on disk.
 */
export const replaceOlder = async (
  { connection, collection, alias }: BulkTarget,
  writes: readonly Write[],
): Promise<boolean> => {
  const { client, timeouts } = connection;
  let hasReplaced = false;
  for (const body of requestsOf(writes)) {
    const path = `/${encodeURIComponent(alias)}/_bulk`;
    const querystring = { require_alias: true, timeout: `${timeouts.writeMs}ms` };
    const answer = await client.transport.request(
      { method: 'POST', path, querystring, bulkBody: body },
      { requestTimeout: timeouts.writeMs },
    );
    const { items } = answer.body as { readonly items: readonly { readonly index: Item }[] };
    for (const { index: item } of items) {
      if (item.error && !isStale(failureOf(item))) throw explained(failureOf(item), collection);
      hasReplaced ||= item.result === 'updated';
    }
  }
  return hasReplaced;
};
