import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { addressOf } from '../../services/address.ts';
import { Client } from './support/client.ts';
import { startNode, type TestNode } from './support/node.ts';

describe('sockets of one address', () => {
  const refused = async (
    node: TestNode,
    headers: Record<string, string> = {},
  ): Promise<[number, unknown] | undefined> => {
    const socket = new WebSocket(node.url, 'parley.v1', { headers });
    socket.on('error', () => {});
    const answer = Promise.withResolvers<[number, unknown] | undefined>();
    socket.on('open', () => answer.resolve(undefined));
    socket.on('unexpected-response', (_request, response) => {
      answer.resolve([response.statusCode!, response.headers['retry-after']]);
      response.destroy();
    });
    return await answer.promise;
  };

  it('are so many and no more, also those that never say hello; a closed one makes room', async () => {
    await using node = await startNode({ settings: { maxPerAddress: 3 } });
    using _one = await Client.open(node);
    using _two = await Client.ready(node, await node.signIn());
    const three = await Client.open(node);
    expect(await refused(node)).toEqual([429, '10']);
    three.socket.close();
    await three.closed;
    await expect.poll(() => refused(node)).toBeUndefined();
    expect(await refused(node)).toEqual([429, '10']);
  });

  it('give back the place of a handshake that comes to nothing', async () => {
    await using node = await startNode({ settings: { maxPerAddress: 1 } });
    const raw = connect(node.port, '127.0.0.1');
    await once(raw, 'connect');
    raw.write('GET /v1/realtime HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n');
    raw.write('sec-websocket-protocol: parley.v1\r\nsec-websocket-version: 13\r\n\r\n');
    const [answer] = (await once(raw, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    raw.destroy();
    await expect.poll(() => refused(node)).toBeUndefined();
  });

  it('are told apart behind a proxy of our own, and only there', async () => {
    await using open = await startNode({ settings: { maxPerAddress: 1, trustedProxies: 1 } });
    expect(await refused(open, { 'x-forwarded-for': '6.6.6.6, 10.0.0.1' })).toBeUndefined();
    expect(await refused(open, { 'x-forwarded-for': '6.6.6.6, 10.0.0.2' })).toBeUndefined();
    expect(await refused(open, { 'x-forwarded-for': '7.7.7.7, 10.0.0.2' })).toEqual([429, '10']);
    await using closed = await startNode({ settings: { maxPerAddress: 1 } });
    expect(await refused(closed, { 'x-forwarded-for': '10.0.0.1' })).toBeUndefined();
    expect(await refused(closed, { 'x-forwarded-for': '10.0.0.2' })).toEqual([429, '10']);
  });

  it.each([
    ['1.1.1.1', undefined, 0, '1.1.1.1'],
    ['1.1.1.1', '2.2.2.2', 0, '1.1.1.1'],
    ['1.1.1.1', '3.3.3.3, 2.2.2.2', 1, '2.2.2.2'],
    ['1.1.1.1', ['3.3.3.3', ' 2.2.2.2 '], 2, '3.3.3.3'],
    ['1.1.1.1', '2.2.2.2', 5, '2.2.2.2'],
    ['1.1.1.1', undefined, 1, '1.1.1.1'],
    ['1.1.1.1', ',', 1, '1.1.1.1'],
    [undefined, undefined, 0, ''],
  ])('from %s with %j by way of %i proxies are those of %s', (remote, forwardedFor, proxies, address) => {
    expect(addressOf(remote, forwardedFor, proxies)).toBe(address);
  });
});

it('a device that connects again and again is closed with 4429 in the end', async () => {
  await using node = await startNode({ limited: true });
  const ada = await node.signIn();
  for (let n = 0; n < 30; n += 1) (await Client.ready(node, ada))[Symbol.dispose]();
  using client = await Client.open(node);
  client.write({ id: 1, type: 'hello', token: ada.token });
  expect((await client.closed).code).toBe(4429);
  using other = await Client.ready(node, await node.signIn(ada.userId));
  expect(await other.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
});

describe('readers who do not read', () => {
  it('cost no more than a bounded memory each, are closed with 4430, and then cost nothing', async () => {
    const maxQueuedBytes = 256 * 1024;
    await using node = await startNode({ settings: { maxQueuedBytes, closeMs: 500 } });
    const ada = await node.signIn();
    const { conversationId } = (await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' })).result;
    const slow = await Promise.all(
      Array.from({ length: 10 }, async () => Client.ready(node, await node.signIn(ada.userId))),
    );
    for (const client of slow) client.socket.pause();
    using quick = await Client.ready(node, ada);
    const before = process.memoryUsage();
    let most = 0;
    // Far more than the kernel's buffers and the queue of a socket together.
    for (let n = 0; n < 40; n += 1) {
      const text = 'x'.repeat(16_000);
      await Promise.all(Array.from({ length: 25 }, () => quick.send(conversationId, text)));
      quick.frames.length = 0;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before.arrayBuffers);
    }
    await expect.poll(() => node.gateway.metrics.closes.get(4430), { timeout: 5_000 }).toBe(slow.length);
    await expect.poll(() => node.gateway.metrics.socketsOpen, { timeout: 5_000 }).toBe(1);
    // 16 MB were sent to each. One copy of what waits serves all who wait for it; the rest is what this test itself reads.
    expect(most).toBeLessThan(slow.length * maxQueuedBytes + 32 * 1024 * 1024);
    expect(await quick.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
    for (const client of slow) client[Symbol.dispose]();
  });

  it('cannot let answers pile up either: neither replies nor pongs', async () => {
    await using node = await startNode({ settings: { maxQueuedBytes: 64 * 1024, closeMs: 100, maxInFlight: 32 } });
    const flood = async (write: (client: Client, n: number) => void): Promise<void> => {
      const client = await Client.ready(node, await node.signIn());
      client.socket.pause();
      const closed = { isClosed: false };
      void client.closed.then(() => {
        closed.isClosed = true;
      });
      const { socketsOpen } = node.gateway.metrics;
      for (let n = 0; node.gateway.metrics.socketsOpen === socketsOpen; n += 1) {
        write(client, n);
        if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      client[Symbol.dispose]();
    };
    const id = 'x'.repeat(64);
    await flood((client) => client.write({ id, type: 'nonsense' }));
    const payload = Buffer.alloc(125);
    await flood((client) => client.socket.ping(payload));
    expect(node.gateway.metrics.socketsOpen).toBe(0);
  }, 30_000);
});
