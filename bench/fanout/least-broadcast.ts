import { once } from 'node:events';
import { WebSocketServer, type WebSocket } from 'ws';

/**
 * The least server that could deliver: it keeps nothing, knows nobody, and answers each number that it is sent by one
 * frame, made once, to as many of its sockets. Tells its port on the first line, and its memory when asked for `memory`.
 */
const frame = Buffer.from(JSON.stringify({ type: 'event', text: 'x'.repeat(640) }));
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false });
const sockets: WebSocket[] = [];

server.on('connection', (socket) => {
  sockets.push(socket);
  socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1));
  socket.on('message', (data: Buffer) => {
    const asked = data.toString('utf8');
    if (asked === 'memory') return socket.send(String(process.memoryUsage.rss()));
    for (const other of sockets.slice(0, Number(asked))) other.send(frame, { binary: false });
  });
});
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('There is no port');
console.log(address.port);
