import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fork } from 'node:child_process';
import { v7 } from 'uuid';
import { WebSocket, WebSocketServer, type PerMessageDeflateOptions } from 'ws';
import { serialise } from '../realtime/frame.ts';
import { printTable } from './statistics.ts';

const sockets = 400;
const frames = 150;
const words =
  'see you at ten then I will bring the slides and the numbers of last week would you book a room please'.split(' ');

interface Way {
  readonly name: string;
  readonly deflate: false | PerMessageDeflateOptions;
}

const ways: readonly Way[] = [
  { name: 'none', deflate: false },
  { name: 'a context each', deflate: { threshold: 0 } },
  { name: 'no context kept', deflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true } },
  {
    name: 'a small context each',
    deflate: { threshold: 0, serverMaxWindowBits: 10, clientMaxWindowBits: 10, zlibDeflateOptions: { memLevel: 4 } },
  },
];

interface Cost {
  readonly cpuMs: number;
  readonly wireBytes: number;
  readonly idleBytes: number;
}

/** Messages as people send them, each pushed as one frame. */
const pushed = (n: number): Buffer => {
  const text = Array.from({ length: 6 + (n % 20) }, (_, i) => words[(n * 7 + i * 3) % words.length]).join(' ');
  const conversationId = v7();
  const message = {
    messageId: v7(),
    conversationId,
    seq: n,
    revision: n,
    senderId: v7(),
    sentAt: new Date(1.8e12 + n * 1_000).toISOString(),
    editedAt: null,
    deletedAt: null,
    text,
    attachments: [],
    replyTo: null,
    thread: null,
    replyCount: 0,
    lastReplyAt: null,
    forwardedFrom: null,
    mentions: [],
    reactions: [],
    pinned: false,
    expiresAt: null,
    custom: null,
    state: null,
  };
  const at = message.sentAt;
  return serialise({
    type: 'event',
    conversationId,
    revision: n,
    position: 'cDQz',
    at,
    event: { type: 'messageSent', message },
  });
};

const memory = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};

/** The clients are in a process of their own, so that this one's cost is the server's. */
const serveAll = async (deflate: Way['deflate']): Promise<Cost> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: deflate, clientTracking: true });
  await once(server, 'listening');
  const before = memory();
  const clients = fork(import.meta.filename, [
    String((server.address() as AddressInfo).port),
    String(deflate !== false),
  ]);
  await once(clients, 'message');
  const all = [...server.clients];
  const push = async (frame: Buffer): Promise<void> => {
    await Promise.all(
      all.map((socket) => new Promise<void>((sent) => socket.send(frame, { binary: false }, () => sent()))),
    );
  };
  await push(pushed(0));
  const idleBytes = (memory() - before) / sockets;
  const wire = (): number =>
    all.reduce(
      (sum, socket) => sum + (socket as unknown as { _socket: { bytesWritten: number } })._socket.bytesWritten,
      0,
    );
  const [cpu, bytes] = [process.cpuUsage(), wire()];
  for (let n = 1; n <= frames; n += 1) await push(pushed(n));
  const { user, system } = process.cpuUsage(cpu);
  const cost = { cpuMs: (user + system) / 1_000, wireBytes: wire() - bytes, idleBytes };
  clients.kill();
  await once(clients, 'exit');
  server.close();
  return cost;
};

const connectAll = async (port: string, deflate: boolean): Promise<void> => {
  const opened = Array.from({ length: sockets }, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: deflate });
    await once(socket, 'open');
  });
  await Promise.all(opened);
  process.send?.('connected');
};

/** What permessage-deflate (RFC 7692) would save and cost, on frames as they are pushed. */
export const benchCompression = async (): Promise<void> => {
  const rows = [];
  for (const { name, deflate } of ways) {
    const { cpuMs, wireBytes, idleBytes } = await serveAll(deflate);
    const each = sockets * frames;
    rows.push([
      name,
      `${Math.round(wireBytes / each)} B`,
      `${((cpuMs * 1_000) / each).toFixed(1)} µs`,
      `${Math.round(idleBytes / 1024)} KiB`,
    ]);
  }
  printTable(`One frame of ${pushed(0).length} B to each of ${sockets} sockets, ${frames} times`, [
    ['permessage-deflate', 'on the wire', 'processor', 'memory of a socket'],
    ...rows,
  ]);
};

if (process.send !== undefined && process.argv[2] !== undefined) {
  await connectAll(process.argv[2], process.argv[3] === 'true');
}
