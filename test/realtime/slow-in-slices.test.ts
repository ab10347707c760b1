import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Connection } from '../../realtime/connection.ts';
import { createMetrics } from '../../realtime/metrics.ts';
import { defaultSettings } from '../../realtime/settings.ts';
import { Slices } from '../../realtime/slices.ts';
import { Client } from './support/client.ts';
import { startNode } from './support/node.ts';

const maxQueuedBytes = 64 * 1024;
const frameBytes = 1_000;

/** A frame that says which it is. */
const frame = (n: number): Buffer => Buffer.from(JSON.stringify({ n }).padEnd(frameBytes));

/** Both ends of a socket, and slices of the test's own. */
const open = async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: number[] = [];
  client.on('message', (data: Buffer) => received.push((JSON.parse(data.toString()) as { readonly n: number }).n));
  const closed = once(client, 'close').then(([code]) => code as number);
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown];
  const metrics = createMetrics();
  const settings = { ...defaultSettings, maxQueuedBytes };
  const connection = new Connection({ socket, settings, metrics, onFrame: () => {} });
  return {
    socket,
    client,
    connection,
    metrics,
    received,
    closed,
    slices: new Slices(),
    async [Symbol.asyncDispose]() {
      client.terminate();
      const gone = once(server, 'close');
      server.close();
      await gone;
    },
  };
};

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

describe('a reader who reads nothing', () => {
  it.each([
    ['frames of slices alone', () => true],
    ['replies between them', (n: number) => n % 3 !== 0],
  ])(
    'is closed with 4430 although frames wait for their slice, and never has more bytes waiting than may: %s',
    async (_, isSliced) => {
      await using line = await open();
      const { connection, socket, client, slices, metrics } = line;
      client.pause();
      let most = 0;
      let sent = 0;
      // Forty in each turn, so that there are always some that wait for their slice.
      while (!connection.isClosed) {
        for (let n = 0; n < 40 && !connection.isClosed; n += 1) {
          if (isSliced(sent)) connection.sendInSlice(frame(sent), slices);
          else connection.send(frame(sent));
          most = Math.max(most, socket.bufferedAmount);
          sent += 1;
        }
        expect(sent).toBeLessThan(100_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const taken = sent - 1;
      expect(await connection.whenEnded).toEqual({ code: 4430, byClient: false });
      expect(most).toBeLessThanOrEqual(maxQueuedBytes);
      expect(most).toBeGreaterThan(maxQueuedBytes / 2);

      for (let n = 0; n < 100; n += 1) {
        connection.sendInSlice(frame(sent + n), slices);
        connection.send(frame(sent + n));
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(metrics.framesSent).toBe(taken);
      expect(socket.bufferedAmount).toBeLessThanOrEqual(maxQueuedBytes + frameBytes);
      client.resume();
      expect(await line.closed).toBe(4430);
      expect(line.received).toEqual(upTo(taken));
      await expect.poll(() => [...metrics.closes]).toEqual([[4430, 1]]);
    },
  );
});

describe('a reader who keeps up', () => {
  it('gets everything in order, however much comes for his slice at once, with replies in their places', async () => {
    await using line = await open();
    const { connection, slices } = line;
    for (let n = 0; n < 1_000; n += 1) {
      if (n % 10 === 9) connection.send(frame(n));
      else connection.sendInSlice(frame(n), slices);
    }
    await expect.poll(() => line.received.length).toBe(1_000);
    expect(line.received).toEqual(upTo(1_000));
    expect(connection.isClosed).toBe(false);
  });

  it('is not closed when a large conversation says more at once than may wait for one', async () => {
    await using node = await startNode({ settings: { maxQueuedBytes } });
    const ada = await node.signIn();
    const others = await Promise.all(Array.from({ length: 201 }, () => node.signIn()));
    const memberIds = others.map(({ userId }) => userId);
    const started = await node.messaging.conversations.start(ada, { kind: 'group', name: 'g', memberIds });
    const { conversationId } = started.result;
    const clients = await Promise.all([ada, ...others].map((caller) => Client.ready(node, caller)));
    const body = { text: 'x'.repeat(15_000) };
    const { messages } = node.messaging;
    await Promise.all(Array.from({ length: 30 }, () => messages.send(ada, conversationId, v7(), body)));
    const whole = () => clients.filter((client) => client.events(conversationId).length === 30).length;
    await expect.poll(whole, { timeout: 10_000 }).toBe(202);
    expect([...node.gateway.metrics.closes]).toEqual([]);
    for (const client of clients) client[Symbol.dispose]();
  });
});
