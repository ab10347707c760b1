import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkOpenSearch } from '../../../adapters/opensearch/check.ts';
import { UnusableOpenSearch } from '../../../adapters/opensearch/connection.ts';
import { OpenSearchStore } from '../../../adapters/opensearch/search-store.ts';
import { DocumentStoreUnavailable } from '../../../ports/document-store.ts';
import { documentOf, queryOf, wordsQuery } from '../../contract/search-documents.ts';
import { describeWith } from '../../servers/suite.ts';
import { cut, openProxy } from '../../servers/toxiproxy.ts';
import { newPrefix } from './opened.ts';

const things = { name: 'things', fields: [], indexes: [] };
const write = (id: string, position: bigint, words: string) => ({
  collection: things.name,
  id,
  position,
  body: documentOf(words),
});
const timeouts = { answerMs: 1_000, writeMs: 2_000 };

const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

/** A server before another one, with TLS, that lets in one user and has a certificate that nobody knows. */
const guarded = async (upstream: string, user: string): Promise<{ readonly url: string; readonly file: string }> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-tls-'));
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, outgoing) => {
    const { method, headers, url } = incoming;
    if (headers.authorization !== `Basic ${Buffer.from(user).toString('base64')}`) {
      outgoing.writeHead(401).end('Unauthorized');
      return;
    }
    const onward = request(new URL(url!, upstream), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, file: cert };
};

describeWith(['opensearch', 'toxiproxy'], 'OpenSearch that goes away', ({ opensearch, toxiproxy }) => {
  test('is told as unavailable in bounded time when it swallows everything, and is back by itself', async () => {
    await using proxy = await openProxy(toxiproxy.url, newPrefix(opensearch.url));
    await using store = new OpenSearchStore({ url: proxy.url, timeouts: { answerMs: 3_000, writeMs: 20_000 } });
    await store.ensure([things]);
    await store.commit([write('a', 1n, 'hello')], { name: 'c', from: undefined, to: 1n });
    await using impatient = new OpenSearchStore({ url: proxy.url, timeouts });
    {
      await using _hole = await cut(proxy);
      const ms = await elapsed(async () => {
        for (const call of [
          () => impatient.search(things.name, wordsQuery('hello')),
          () => impatient.getMany(things.name, ['a']),
          () => impatient.commit([write('b', 2n, 'hello')], { name: 'c', from: 1n, to: 2n }),
          () => impatient.checkpoint('c'),
          () => impatient.ensure([things]),
        ])
          await expect(call()).rejects.toBeInstanceOf(DocumentStoreUnavailable);
      });
      expect(ms).toBeLessThan(15_000);
    }
    await expect
      .poll(
        () =>
          store.search(things.name, wordsQuery('hello')).then(
            ({ hits }) => hits.length,
            () => 0,
          ),
        {
          timeout: 10_000,
        },
      )
      .toBe(1);
  });

  test('may be restarted between two calls that can be repeated', { timeout: 60_000 }, async (context) => {
    const server = opensearch.process(context);
    await using store = new OpenSearchStore({ url: newPrefix(opensearch.url) });
    await store.ensure([things]);
    await store.commit([write('a', 1n, 'hello')], { name: 'c', from: undefined, to: 1n });
    await server.restart();
    await expect
      .poll(
        () =>
          store.search(things.name, wordsQuery('hello')).then(
            ({ hits }) => hits.length,
            () => 0,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBe(1);
    expect(await store.checkpoint('c')).toBe(1n);
  });

  test(
    'loses nothing that was acknowledged when it is killed while it is written to',
    { timeout: 120_000 },
    async (context) => {
      const server = opensearch.process(context);
      await using store = new OpenSearchStore({ url: newPrefix(opensearch.url), timeouts: { answerMs: 3_000 } });
      await store.ensure([things]);
      const acknowledged: string[] = [];
      let checkpoint: bigint | undefined;
      for (let kill = 0; kill < 3; kill += 1) {
        const killed = new AbortController();
        const before = acknowledged.length;
        const writing = (async () => {
          for (let n = 0; !killed.signal.aborted; n += 1) {
            const to: bigint = (checkpoint ?? 0n) + 1n;
            const ids = Array.from({ length: 20 }, (_, i) => `${kill}-${n}-${i}`);
            const move = { name: 'c', from: checkpoint, to };
            const isMoved = await store
              .commit(
                ids.map((id) => write(id, to, 'hello')),
                move,
              )
              .catch(() => undefined);
            if (isMoved === undefined) return;
            expect(isMoved).toBe(true);
            checkpoint = to;
            acknowledged.push(...ids);
          }
        })();
        await expect.poll(() => acknowledged.length, { interval: 5, timeout: 20_000 }).toBeGreaterThan(before + 100);
        await server.kill9();
        killed.abort();
        await writing;
        await server.start();
        await expect
          .poll(
            () =>
              store.search(things.name, queryOf()).then(
                () => true,
                () => false,
              ),
            { timeout: 20_000 },
          )
          .toBe(true);
        const standing: bigint = (await store.checkpoint('c'))!;
        expect(standing).toBeGreaterThanOrEqual(checkpoint!);
        checkpoint = standing;
      }
      const found = await store.search(things.name, { ...wordsQuery('hello'), limit: 10_000 });
      expect(new Set(found.hits.map(({ id }) => id)).isSupersetOf(new Set(acknowledged))).toBe(true);
    },
  );

  test('is reached by TLS with the certificates and the user that are given, and not without', async () => {
    const { url, file } = await guarded(opensearch.url, 'ann:p@ss:word');
    const named = url.replace('//', '//ann:p%40ss%3Aword@');
    await using store = new OpenSearchStore({ url: `${named}/tls`, certificates: file });
    await store.ensure([things]);
    await store.commit([write('a', 1n, 'hello')]);
    expect((await store.search(things.name, wordsQuery('hello'))).hits).toHaveLength(1);
    expect(await checkOpenSearch({ url: named, certificates: file })).toMatchObject({ problem: undefined });
    for (const options of [
      { url: named },
      { url, certificates: file },
      { url: named.replace('ann', 'ben'), certificates: file },
    ]) {
      await using other = new OpenSearchStore(options);
      const error: unknown = await other.search(things.name, queryOf()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DocumentStoreUnavailable);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/p@ss|p%40ss/);
    }
    expect(() => new OpenSearchStore({ url: named, certificates: `${file}.missing` })).toThrow(UnusableOpenSearch);
    expect(() => new OpenSearchStore({ url: `${named}/Not/A-Prefix` })).toThrow(UnusableOpenSearch);
  });
});
