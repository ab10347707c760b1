import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpenSearchStore } from '../../../adapters/opensearch/search-store.ts';
import { DocumentStoreUnavailable, UnknownCollection } from '../../../ports/document-store.ts';
import type { SearchDocument } from '../../../ports/search-store.ts';
import { atom, clause, documentOf, queryOf, wordsQuery } from '../../contract/search-documents.ts';
import { searchStoreContract } from '../../contract/search-store.contract.ts';
import { describeWith } from '../../servers/suite.ts';
import { isOnDisk } from './on-disk.ts';
import { freshStore, newPrefix } from './opened.ts';

const things = { name: 'Things.v1', fields: [], indexes: [] };
const other = { name: 'Things.v2', fields: [], indexes: [] };
const write = (id: string, position: bigint, body?: SearchDocument) => ({
  collection: things.name,
  id,
  position,
  body,
});

describeWith(['opensearch'], 'OpenSearch', ({ opensearch }) => {
  // Half a minute goes by until OpenSearch itself lets go: long enough for everything else in this file.
  let forgetful: OpenSearchStore;
  beforeAll(async () => {
    forgetful = (await freshStore(opensearch.url, { forgetAfterMs: 1_000 })).store;
    await forgetful.ensure([things]);
    const many = Array.from({ length: 500 }, (_, i) => write(`${i}`, 1n, documentOf('harmless words')));
    const removed = write('a', 1n, documentOf('unforgettable'));
    await forgetful.commit([...many, removed, write('b', 1n, documentOf('regretted'))]);
  });
  afterAll(async () => {
    await forgetful[Symbol.asyncDispose]();
  });

  test('finds on its disk what it was given', async (context) => {
    opensearch.process(context);
    await forgetful.search(things.name, queryOf());
    expect(await isOnDisk(opensearch.url, 'unforgettable')).toBe(true);
    expect(await isOnDisk(opensearch.url, 'regretted')).toBe(true);
    await forgetful.commit([write('a', 2n), write('b', 2n, documentOf('weighed'))]);
  });

  searchStoreContract('OpenSearch', () => freshStore(opensearch.url));

  const ask = async (method: string, target: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${opensearch.url}${target}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return await answer.json();
  };
  const open = async (): Promise<OpenSearchStore> => (await freshStore(opensearch.url)).store;

  test('tells indexes apart by capitals, and by prefixes that begin with one another', async () => {
    const url = newPrefix(opensearch.url);
    await using store = new OpenSearchStore({ url });
    await using longer = new OpenSearchStore({ url: `${url}-more` });
    const small = { ...things, name: 'things.v1' };
    await store.ensure([things, small]);
    await longer.ensure([other]);
    await store.commit([write('x', 1n, documentOf('capital'))]);
    expect((await store.search(small.name, queryOf())).hits).toEqual([]);
    expect((await store.collections()).toSorted()).toEqual([things.name, small.name]);
    expect(await longer.collections()).toEqual([other.name]);
  });

  test('makes no index for a write that comes too late, also where it usually would', async () => {
    await ask('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': 'true' } });
    await using store = await open();
    await store.ensure([things]);
    await store.drop([things.name]);
    await expect(store.commit([write('x', 1n, documentOf('late'))])).rejects.toThrow(UnknownCollection);
    expect(await store.commit([], { name: 'c', from: 1n, to: 2n })).toBe(false);
    expect(await store.commit([], { name: 'c', from: undefined, to: 2n })).toBe(true);
    expect(await store.collections()).toEqual([]);
    await ask('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': null } });
  });

  test('takes search documents and nothing else, and no error tells what was in one', async () => {
    await using store = await open();
    await store.ensure([things]);
    const wrong = [
      { ...documentOf('secret'), more: 'secret' },
      { ...documentOf('secret'), at: 'secret' },
      { ...documentOf('x'), group: 'secret '.repeat(10_000) },
    ];
    for (const body of wrong) {
      const error: unknown = await store.commit([write('x', 1n, body)]).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TypeError);
      const { message, cause } = error as TypeError & { readonly cause: Error };
      expect(`${message} ${cause.message} ${Object.values(cause).join(' ')}`).not.toContain('secret');
      expect(cause.cause).toBeUndefined();
    }
    await expect(store.search(things.name, queryOf({ from: 'yesterday' }))).rejects.toThrow(TypeError);
    expect(await store.getMany(things.name, ['x'])).toEqual([]);
  });

  test('takes more groups, each seen from somewhere on, than it lets a query have clauses', async () => {
    await using store = await open();
    await store.ensure([things]);
    const count = 3_000;
    const documents = Array.from({ length: count }, (_, i) =>
      write(`${i}`, 1n, documentOf(`hello there${i}`, { group: `g${i}`, seq: i + 1 })),
    );
    await store.commit(documents);
    const visible = documents.map(({ body }, i) => ({ group: body!.group, afterSeq: i % 2 === 0 ? body!.seq : i }));
    const every = [clause('hello there*'), [atom('hello'), ...Array.from({ length: 300 }, (_, i) => atom(`x${i}`))]];
    const query = queryOf({ every: every as never, visible, limit: count, facets: 1 });
    const { hits } = await store.search(things.name, query);
    expect(hits.every(({ seq }) => seq % 2 === 0)).toBe(true);
    expect(hits.length).toBeGreaterThanOrEqual(500);
    const whole = await store.search(things.name, { ...wordsQuery('hello'), visible, limit: count });
    expect(whole.hits).toHaveLength(count / 2);
    const begun = await store.search(things.name, { ...wordsQuery('there*'), limit: count });
    expect(begun.hits).toHaveLength(count);
  });

  test('shows an index to analysts without what was removed, and the next in its place at once', async () => {
    const url = newPrefix(opensearch.url);
    await using store = new OpenSearchStore({ url });
    await store.ensure([things, other]);
    await store.commit([write('x', 1n, documentOf('old')), write('y', 1n, documentOf('gone'))]);
    await store.commit([write('y', 2n), { ...write('z', 3n, documentOf('new')), collection: other.name }]);
    await store.search(things.name, queryOf());
    await store.search(other.name, queryOf());
    const shown = async (): Promise<readonly string[]> => {
      const answer = await ask('GET', `${new URL(url).pathname}-search_messages/_search`);
      const { hits } = answer as { readonly hits: { readonly hits: readonly { readonly _id: string }[] } };
      return hits.hits.map(({ _id }) => _id);
    };
    await store.expose('search_messages', things);
    expect(await shown()).toEqual(['x']);
    await store.expose('search_messages', other);
    expect(await shown()).toEqual(['z']);
    await store.drop([things.name]);
    await expect(store.expose('search_messages', things)).rejects.toThrow(UnknownCollection);
    expect(await shown()).toEqual(['z']);
  });

  test('is unavailable once closed', async () => {
    const store = await open();
    await store[Symbol.asyncDispose]();
    await expect(store.search(things.name, queryOf())).rejects.toThrow(DocumentStoreUnavailable);
    await expect(store.commit([], { name: 'c', from: undefined, to: 1n })).rejects.toThrow(DocumentStoreUnavailable);
    await store[Symbol.asyncDispose]();
  });

  test('lets go of what was replaced or removed on its disk, too', { timeout: 100_000 }, async (context) => {
    opensearch.process(context);
    for (const text of ['unforgettable', 'regretted']) {
      await expect.poll(() => isOnDisk(opensearch.url, text), { timeout: 90_000, interval: 500 }).toBe(false);
    }
    expect((await forgetful.search(things.name, wordsQuery('weighed'))).hits).toHaveLength(1);
  });
});
