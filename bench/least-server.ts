import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { openLeastLog } from './least-log.ts';

/**
 * The least server that could acknowledge durable messages: whatever came in one turn is committed together, then
 * echoed. A process of its own, started with the folder as its argument; tells its port on the first line.
 */
const folder = process.argv[2];
if (folder === undefined) throw new Error('Which folder?');
const log = openLeastLog(folder);
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
let waiting: { readonly text: string; readonly acknowledge: () => void }[] = [];

const commit = (): void => {
  const group = waiting;
  waiting = [];
  log.many(group.map(({ text }) => text));
  for (const { acknowledge } of group) acknowledge();
};

server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8');
    if (waiting.length === 0) setImmediate(commit);
    waiting.push({ text, acknowledge: () => socket.send(text) });
  });
});
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('There is no port');
console.log(address.port);
