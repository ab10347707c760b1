import type { ServerCheck } from '../../ports/server-check.ts';
import { connectOpenSearch, UnusableOpenSearch, type OpenSearchOptions } from './connection.ts';
import { statusOf } from './failures.ts';

const refused = new Set([401, 403]);

const problemOf = (error: unknown): Pick<ServerCheck, 'problem' | 'isAway'> => {
  if (error instanceof UnusableOpenSearch) return { problem: error.message, isAway: false };
  const status = statusOf(error);
  if (status === undefined) return { problem: 'OpenSearch cannot be reached', isAway: true };
  if (!refused.has(status)) return { problem: `OpenSearch answers ${status}`, isAway: status >= 500 };
  return { problem: 'OpenSearch does not accept the user or the password of the URL', isAway: false };
};

/** Whether the search index could be kept there now. */
export const checkOpenSearch = async (options: OpenSearchOptions): Promise<ServerCheck> => {
  try {
    const { client } = connectOpenSearch(options);
    try {
      return { version: (await client.info()).body.version.number, problem: undefined, isAway: false };
    } finally {
      await client.close();
    }
  } catch (error) {
    return { version: undefined, ...problemOf(error) };
  }
};
