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

/** Of the socket below, which `ws` keeps to itself. */
const bytesWritten = (socket: WebSocket): number =>
  (socket as unknown as { readonly _socket: { readonly bytesWritten: number } })._socket.bytesWritten;

const memory = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};

/** What one way costs a server that does nothing else; its clients are in a process of their own. */
const serveAll = async (deflate: Way['deflate']): Promise<Cost> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: deflate, clientTracking: true });
  await once(server, 'listening');
  const before = memory();
  const { port } = server.address() as AddressInfo;
  const clients = fork(import.meta.filename, ['clients', String(port), String(deflate !== false)]);
  await once(clients, 'message');
  const all = [...server.clients];
  const push = async (frame: Buffer): Promise<void> => {
    const sent = all.map((socket) => new Promise<void>((done) => socket.send(frame, { binary: false }, () => done())));
    await Promise.all(sent);
  };
  await push(pushed(0));
  const idleBytes = (memory() - before) / sockets;
  const wire = (): number => all.reduce((sum, socket) => sum + bytesWritten(socket), 0);
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

const measured = async (index: number): Promise<Cost> => {
  const child = fork(import.meta.filename, ['server', String(index)], { execArgv: ['--expose-gc'] });
  const [cost] = (await once(child, 'message')) as [Cost];
  await once(child, 'exit');
  return cost;
};

/** What permessage-deflate (RFC 7692) would save and cost, on frames as they are pushed. */
export const benchCompression = async (): Promise<void> => {
  const rows = [];
  const each = sockets * frames;
  for (const [index, { name }] of ways.entries()) {
    const { cpuMs, wireBytes, idleBytes } = await measured(index);
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

const [part, first = '', second] = process.argv.slice(2);
if (process.send !== undefined && part === 'clients') await connectAll(first, second === 'true');
if (process.send !== undefined && part === 'server') {
  const cost = await serveAll(ways[Number(first)]!.deflate);
  process.send?.(cost);
  process.disconnect?.();
}
