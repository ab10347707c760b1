import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../adapters/http/private-addresses.ts';
import { HttpWebhookSender } from '../../../adapters/http/webhook-sender.ts';

const listen = async (listener: (...asked: Parameters<RequestListener>) => void | Promise<void>) => {
  const server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
const post = (url: string) => ({ url, headers: { 'content-type': 'application/json', 'x-a': 'b' }, body: '{"a":"é"}' });

test('posts the body with the headers, and tells the status', async () => {
  const got: unknown[] = [];
  await using server = await listen(async (request, response) => {
    const chunks = await request.toArray();
    got.push([request.method, request.url, request.headers['x-a'], Buffer.concat(chunks).toString()]);
    response.writeHead(202).end('never read'.repeat(1_000));
  });
  const sender = new HttpWebhookSender({ allowPrivate: true });
  expect(await sender.post(post(server.url))).toEqual({ kind: 'answered', status: 202 });
  expect(got).toEqual([['POST', '/hook', 'b', '{"a":"é"}']]);
});

test('follows no redirect', async () => {
  let asked = 0;
  await using server = await listen((_request, response) => {
    asked += 1;
    response.writeHead(307, { location: '/other' }).end();
  });
  expect(await new HttpWebhookSender({ allowPrivate: true }).post(post(server.url))).toMatchObject({ status: 307 });
  expect(asked).toBe(1);
});

test('waits no longer than it may, for an answer or for its head', async () => {
  await using server = await listen(() => {});
  const sender = new HttpWebhookSender({ allowPrivate: true, timeoutMs: 100 });
  const started = performance.now();
  expect(await sender.post(post(server.url))).toEqual({ kind: 'failed', reason: 'timeout' });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('says where nobody listens, and where there is no such name', async () => {
  const sender = new HttpWebhookSender({ allowPrivate: true });
  expect(await sender.post(post('http://127.0.0.1:1/'))).toEqual({ kind: 'failed', reason: 'unreachable' });
  const nameless = new HttpWebhookSender({ resolveAll: (_name, done) => done(new Error('ENOTFOUND'), []) });
  expect(await nameless.post(post('https://a.invalid/'))).toEqual({ kind: 'failed', reason: 'unreachable' });
});

describe('by default', () => {
  const asked: string[] = [];
  const resolving = (...addresses: readonly string[]) =>
    new HttpWebhookSender({
      timeoutMs: 500,
      resolveAll: (name, done) => {
        asked.push(name);
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      },
    });

  test.each([
    'http://example.org/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://0/',
  ])('asks nothing of %s', async (url) => {
    expect(await new HttpWebhookSender().post(post(url))).toEqual({ kind: 'failed', reason: 'private-address' });
  });

  test('asks nothing of a name with any address that is not public, whatever it is called', async () => {
    for (const addresses of [['127.0.0.1'], ['192.168.1.1'], ['93.184.216.34', '10.0.0.1'], ['::1']]) {
      const answer = await resolving(...addresses).post(post('https://rebinding.example/'));
      expect(answer).toEqual({ kind: 'failed', reason: 'private-address' });
    }
    expect(new Set(asked)).toEqual(new Set(['rebinding.example']));
  });
});

test.each([
  ['93.184.216.34', true],
  ['8.8.8.8', true],
  ['172.15.0.1', true],
  ['172.16.0.1', false],
  ['172.31.255.255', false],
  ['100.64.0.1', false],
  ['192.0.2.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['0.0.0.0', false],
  ['2606:2800:220:1::1', true],
  ['2001:db8::1', false],
  ['2002:0a00:0001::1', false],
  ['64:ff9b::a00:1', false],
  ['::ffff:8.8.8.8', false],
  ['fe80::1', false],
  ['ff02::1', false],
  ['::', false],
  ['example.org', false],
])('%s is public: %s', (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
