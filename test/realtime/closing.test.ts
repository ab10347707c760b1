import { describe, expect, it } from 'vitest';
import type { RealtimeSettings } from '../../realtime/settings.ts';
import { Client } from './support/client.ts';
import { startNode, type NodeOptions } from './support/node.ts';

const start = async (settings: Partial<RealtimeSettings> = {}, options: NodeOptions = {}) => {
  const node = await startNode({ ...options, settings });
  return { node, ada: await node.signIn() };
};

describe('a socket is closed', () => {
  it('with 4401 when it never says hello', async () => {
    const { node } = await start({ helloMs: 20 });
    await using _ = node;
    using client = await Client.open(node);
    expect((await client.closed).code).toBe(4401);
    await expect.poll(() => node.gateway.metrics.closes.get(4401)).toBe(1);
  });

  it('with 4408 when its client sends nothing, and not while it sends anything at all', async () => {
    const { node, ada } = await start({ silenceMs: 500 });
    await using _ = node;
    using silent = await Client.ready(node, ada);
    using pinging = await Client.ready(node, await node.signIn());
    const pings = setInterval(() => pinging.socket.ping(), 20);
    expect((await silent.closed).code).toBe(4408);
    clearInterval(pings);
    expect((await pinging.ask({ type: 'heartbeat' })).type).toBe('reply');
    expect((await pinging.closed).code).toBe(4408);
  });

  it('with 4409 when the same device connects again, and only that one', async () => {
    const { node, ada } = await start();
    await using _ = node;
    using other = await Client.ready(node, await node.signIn(ada.userId));
    using older = await Client.ready(node, ada);
    using newer = await Client.ready(node, ada);
    expect((await older.closed).code).toBe(4409);
    for (const client of [other, newer])
      expect(await client.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
  });

  it('with 4403 when its device is revoked, and only that one', async () => {
    const { node, ada } = await start();
    await using _ = node;
    using revoked = await Client.ready(node, ada);
    using other = await Client.ready(node, await node.signIn(ada.userId));
    await node.devices.signOut(ada.userId, ada.deviceId, 'revoked');
    expect((await revoked.closed).code).toBe(4403);
    expect(await other.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
  });

  it('with 4429 after too many requests', async () => {
    const { node, ada } = await start({}, { limited: true });
    await using _ = node;
    using client = await Client.ready(node, ada);
    for (let id = 1; id <= 150; id += 1) client.write({ id, type: 'heartbeat' });
    expect((await client.closed).code).toBe(4429);
    expect(client.frames.filter(({ type }) => type === 'reply')).toHaveLength(100);
  });

  it('with 1001 on shutdown, after its requests were answered; then nothing is let in', async () => {
    const { node, ada } = await start();
    await using _ = node;
    const { result } = await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' });
    using client = await Client.ready(node, ada);
    using unready = await Client.open(node);
    const reply = client.send(result.conversationId, 'last words');
    await expect.poll(() => node.gateway.metrics.framesReceived).toBe(2);
    await node.gateway[Symbol.asyncDispose]();
    expect(await reply).toMatchObject({ result: { text: 'last words' } });
    expect((await client.closed).code).toBe(1001);
    expect((await unready.closed).code).toBe(1001);
    expect(node.gateway.metrics.socketsOpen).toBe(0);
  });

  it('is cut off on shutdown when it does not answer its close', async () => {
    const { node, ada } = await start({ drainMs: 30 });
    await using _ = node;
    using client = await Client.ready(node, ada);
    client.socket.pause();
    await node.gateway[Symbol.asyncDispose]();
    expect(node.gateway.metrics.socketsOpen).toBe(0);
  });

  it.each([
    ['what is no JSON', '{"id":1,'],
    ['what is no object', '[1]'],
    ['null', 'null'],
    ['a frame without an id', { type: 'heartbeat' }],
    ['an id that is no integer', { id: 1.5, type: 'heartbeat' }],
    ['an empty id', { id: '', type: 'heartbeat' }],
    ['an id of 65 characters', { id: 'x'.repeat(65), type: 'heartbeat' }],
    ['an id with a lone surrogate', '{"id":"\\ud800","type":"heartbeat"}'],
    ['an id with U+0000', '{"id":"\\u0000","type":"heartbeat"}'],
    ['a type that is no string', { id: 1, type: 5 }],
    ['no type', { id: 1 }],
    ['a binary frame', Buffer.from('{"id":1,"type":"heartbeat"}')],
  ])('with 4400 for %s', async (_name, frame) => {
    const { node, ada } = await start();
    await using _ = node;
    using client = await Client.ready(node, ada);
    if (Buffer.isBuffer(frame)) client.socket.send(frame);
    else client.write(frame);
    expect((await client.closed).code).toBe(4400);
  });

  it('with 1007 for text that is not UTF-8', async () => {
    const { node, ada } = await start();
    await using _ = node;
    using client = await Client.ready(node, ada);
    client.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await client.closed).code).toBe(1007);
  });

  it('with 4413 or 1009 for a frame above 65,536 bytes, and not for one of 65,536', async () => {
    const { node, ada } = await start();
    await using _ = node;
    using client = await Client.ready(node, ada);
    const ofBytes = (bytes: number): string => {
      const bare = JSON.stringify({ id: 1, type: 'heartbeat', pad: '' });
      return JSON.stringify({ id: 1, type: 'heartbeat', pad: 'x'.repeat(bytes - bare.length) });
    };
    client.write(ofBytes(65_536));
    expect(await client.first('reply')).toMatchObject({ error: { code: 'request/invalid' } });
    client.write(ofBytes(65_537));
    expect((await client.closed).code).toBe(4413);
    using huge = await Client.ready(node, ada);
    huge.write(ofBytes(1_000_000));
    expect((await huge.closed).code).toBe(1009);
  });

  it('without a trace when the socket itself breaks', async () => {
    const { node, ada } = await start();
    await using _ = node;
    const client = await Client.ready(node, ada);
    client.socket.terminate();
    await expect.poll(() => node.gateway.metrics.socketsOpen).toBe(0);
    using again = await Client.ready(node, ada);
    expect(await again.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
    expect(node.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a reader who is too slow', () => {
  it('is closed with 4430 once more waits for him than may; the others get everything', async () => {
    const maxQueuedBytes = 64 * 1024;
    const { node, ada } = await start({ maxQueuedBytes });
    await using _ = node;
    const { conversationId } = (await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' })).result;
    const device = await node.signIn(ada.userId);
    using slow = await Client.ready(node, device);
    using quick = await Client.ready(node, ada);
    slow.socket.pause();
    const sent: Promise<unknown>[] = [];
    // The kernel's own buffers take some megabytes before anything waits in the process.
    for (let n = 0; n < 800; n += 1) {
      sent.push(quick.send(conversationId, 'x'.repeat(15_000)));
      if (n % 25 === 24) await Promise.all(sent.splice(0));
    }
    await expect.poll(() => node.gateway.metrics.closes.get(4430) ?? node.gateway.metrics.socketsOpen).toBeLessThan(3);
    slow.socket.resume();
    expect((await slow.closed).code).toBe(4430);
    expect(await quick.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
    const { length } = quick.events(conversationId);
    expect(length).toBe(800);
    expect(slow.events(conversationId).length).toBeLessThan(length);
  });
});

it('pauses a client that sends faster than it is served, and answers every request', async () => {
  const { node, ada } = await start({ maxInFlight: 4 });
  await using _ = node;
  const { conversationId } = (await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' })).result;
  using client = await Client.ready(node, ada);
  const replies = await Promise.all(Array.from({ length: 300 }, (_, n) => client.send(conversationId, String(n))));
  expect(replies.map((reply) => 'result' in reply && reply.result?.seq)).toEqual(replies.map((_, n) => n + 1));
});
