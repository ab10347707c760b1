import { expect, test } from 'vitest';
import { MongoDocumentStore } from '../../../adapters/mongodb/document-store.ts';
import { DocumentStoreUnavailable, type CollectionSpec, type Document } from '../../../ports/document-store.ts';
import { describeWith } from '../../servers/suite.ts';
import { cut, openProxy, slow } from '../../servers/toxiproxy.ts';
import { newDatabase, openOn } from './opened.ts';

const things: CollectionSpec = { name: 'things', fields: ['n'], indexes: [{ name: 'byN', fields: ['n'] }] };
const write = (id: string, position: bigint) => ({ collection: 'things', id, position, body: { n: Number(position) } });
const answerMs = 2_000;
const open = (url: string): Promise<MongoDocumentStore> =>
  openOn(url, (connection) => new MongoDocumentStore(connection), { answerMs });

const untilBack = async (store: MongoDocumentStore): Promise<void> => {
  const isBack = (): Promise<boolean> =>
    store.collections().then(
      () => true,
      () => false,
    );
  await expect.poll(isBack, { timeout: 10_000 }).toBe(true);
};

const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

describeWith(['mongodb', 'toxiproxy'], 'MongoDB that goes away', ({ mongodb, toxiproxy }) => {
  test('is told as unavailable in bounded time, and is back without anyone doing anything', async (context) => {
    const server = mongodb.process(context);
    await using store = await open(newDatabase(mongodb.url));
    await store.ensure([things]);
    await store.commit([write('a', 1n)], { name: 'c', from: undefined, to: 1n });
    await server.stop();
    const ms = await elapsed(async () => {
      for (const call of [
        () => store.get('things', 'a'),
        () => store.find('things', { index: 'byN', equal: [], limit: 1 }),
        () => store.commit([write('a', 2n)]),
        () => store.commit([], { name: 'c', from: 1n, to: 2n }),
        () => store.ensure([things]),
      ]) {
        await expect(call()).rejects.toBeInstanceOf(DocumentStoreUnavailable);
      }
    });
    expect(ms).toBeLessThan(10_000);
    await server.start();
    await untilBack(store);
    expect(await store.get('things', 'a')).toBeDefined();
    expect(await store.commit([write('a', 2n)], { name: 'c', from: 1n, to: 2n })).toBe(true);
  });

  test('may be restarted between two calls that can be repeated, and nobody notices', async (context) => {
    const server = mongodb.process(context);
    await using store = await open(newDatabase(mongodb.url));
    await store.ensure([things]);
    await store.commit([write('a', 1n)]);
    for (let round = 0; round < 3; round += 1) {
      await server.restart();
      expect((await store.get('things', 'a'))?.position).toBe(1n);
    }
  });

  test('loses nothing that was acknowledged when it is killed in the middle of writing', async (context) => {
    const server = mongodb.process(context);
    const url = newDatabase(mongodb.url);
    await using store = await open(url);
    await store.ensure([things]);
    const acknowledged = new Set<string>();
    let checkpoint: bigint | undefined;
    for (let kill = 0; kill < 5; kill += 1) {
      const killed = new AbortController();
      const writer = async (name: string): Promise<void> => {
        for (let n = 0; !killed.signal.aborted; n += 1) {
          const ids = Array.from({ length: 20 }, (_, i) => `${name}-${kill}-${n}-${i}`);
          const committed = await store.commit(ids.map((id) => write(id, 1n))).catch(() => false);
          if (committed) for (const id of ids) acknowledged.add(id);
        }
      };
      const mover = async (): Promise<void> => {
        checkpoint = await store.checkpoint('c');
        while (!killed.signal.aborted) {
          const to: bigint = (checkpoint ?? 0n) + 1n;
          const moved: boolean = await store.commit([], { name: 'c', from: checkpoint, to }).catch(() => false);
          if (!moved) return;
          checkpoint = to;
        }
      };
      const working = [writer('x'), writer('y'), mover()];
      const before = acknowledged.size;
      await expect.poll(() => acknowledged.size, { interval: 5, timeout: 10_000 }).toBeGreaterThan(before + 200);
      await server.kill9();
      killed.abort();
      await Promise.all(working);
      await server.start();
      await untilBack(store);
      expect((await store.checkpoint('c')) ?? -1n).toBeGreaterThanOrEqual(checkpoint ?? -1n);
    }
    const ids = [...acknowledged];
    const found: Document[] = [];
    for (let i = 0; i < ids.length; i += 1_000) found.push(...(await store.getMany('things', ids.slice(i, i + 1_000))));
    expect(new Set(found.map(({ id }) => id))).toEqual(acknowledged);
    expect(await store.count('things', { index: 'byN', equal: [] })).toBeGreaterThanOrEqual(ids.length);
  });

  test('is waited for once when it hangs, by whoever calls, and is back when it goes on', async (context) => {
    const server = mongodb.process(context);
    await using store = await open(newDatabase(mongodb.url));
    await store.ensure([things]);
    await store.commit([write('a', 1n)]);
    const calls = [
      () => store.get('things', 'a'),
      () => store.count('things', { index: 'byN', equal: [] }),
      () => store.commit([write('a', 2n)]),
      () => store.commit([], { name: 'c', from: undefined, to: 1n }),
    ];
    const refuseAll = async (): Promise<void> => {
      await Promise.all(calls.map((call) => expect(call()).rejects.toBeInstanceOf(DocumentStoreUnavailable)));
    };
    await server.freeze();
    try {
      const first = await elapsed(refuseAll);
      expect(first).toBeGreaterThan(answerMs / 2);
      expect(first).toBeLessThan(2 * answerMs);
      expect(await elapsed(refuseAll)).toBeLessThan(answerMs / 2);
    } finally {
      await server.thaw();
    }
    await expect.poll(() => store.get('things', 'a').catch(() => undefined), { timeout: 10_000 }).toBeDefined();
    expect(await store.commit([write('a', 3n)])).toBe(true);
    expect((await store.get('things', 'a'))?.position).toBe(3n);
  });

  test('is waited for when it is slow, also by calls that wait for a connection', async () => {
    await using proxy = await openProxy(toxiproxy.url, newDatabase(mongodb.url));
    const direct = new URL(proxy.url);
    direct.searchParams.set('directConnection', 'true');
    direct.searchParams.set('maxPoolSize', '1');
    await using store = await open(direct.href);
    await store.ensure([things]);
    await store.commit([write('a', 1n)]);
    await using _latency = await slow(proxy, answerMs / 8);
    const found = await Promise.all(Array.from({ length: 12 }, () => store.get('things', 'a')));
    expect(found.map((document) => document?.position)).toEqual(found.map(() => 1n));
  });

  test('is told as unavailable when it swallows everything, and is back when it answers again', async () => {
    await using proxy = await openProxy(toxiproxy.url, newDatabase(mongodb.url));
    const direct = new URL(proxy.url);
    direct.searchParams.set('directConnection', 'true');
    await using store = await open(direct.href);
    await store.ensure([things]);
    await store.commit([write('a', 1n)]);
    {
      await using _hole = await cut(proxy);
      const ms = await elapsed(() => expect(store.get('things', 'a')).rejects.toBeInstanceOf(DocumentStoreUnavailable));
      expect(ms).toBeLessThan(8_000);
    }
    await expect
      .poll(() => store.get('things', 'a').catch(() => undefined), { timeout: 10_000 })
      .toEqual({ id: 'a', position: 1n, body: { n: 1 } });
  });
});
