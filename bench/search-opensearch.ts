import { OpenSearchStore } from '../adapters/opensearch/search-store.ts';
import { openSearchKind } from '../test/servers/kinds.ts';
import { ServerProcess } from '../test/servers/server-process.ts';
import { printQuality } from './search-quality.ts';
import { indexMessages, printSearch, timeQueries } from './search.ts';

interface Sizes {
  readonly _all: { readonly primaries: { readonly store: { readonly size_in_bytes: number } } };
}

const sizeOf = async (url: string): Promise<number> => {
  await fetch(`${url}/bench-*/_flush`, { method: 'POST' });
  const answer = await fetch(`${url}/bench-*/_stats/store`);
  const { _all: all } = (await answer.json()) as Sizes;
  return all.primaries.store.size_in_bytes;
};

/**
 * The same in OpenSearch, where it is installed for the tests: one node with half a gigabyte, which compiles as little
 * as it can.
 */
export const benchOpenSearch = async (count: number): Promise<void> => {
  const kind = openSearchKind();
  if (kind === undefined) {
    console.log('\nNo OpenSearch here: `npx node test/servers/install.ts` installs it.');
    return;
  }
  await using server = await ServerProcess.start(kind);
  const url = `http://127.0.0.1:${server.port}`;
  await using store = new OpenSearchStore({ url: `${url}/bench` });
  const indexing = await indexMessages(store, count);
  // What is asked for the first time is compiled first.
  await timeQueries(store, indexing);
  printSearch('OpenSearch', indexing, await sizeOf(url), await timeQueries(store, indexing));
  await using other = new OpenSearchStore({ url: `${url}/quality` });
  await printQuality('OpenSearch', other);
};
