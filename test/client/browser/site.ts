import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const root = path.resolve(import.meta.dirname, '../../..');
const page = '<!doctype html><meta charset="utf-8"><script type="module" src="/test/client/browser/page.js"></script>';

/** A web site with the client on it, module by module as it is but for its types, and the chat server behind it. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  /** What the page has told first. */
  readonly told: Promise<unknown>;
}

export const openSite = async (parley: URL): Promise<Site> => {
  const told = Promise.withResolvers<unknown>();

  const forward = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const { url, method, headers } = incoming;
    const outgoing = request(new URL(url!, parley), { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  };

  const serve = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { pathname } = new URL(incoming.url!, 'http://site');
    if (pathname.startsWith('/v1/')) return forward(incoming, answer);
    const send = (type: string, body: string): void => void answer.setHeader('content-type', type).end(body);
    if (pathname === '/told') {
      told.resolve(JSON.parse(await text(incoming)));
      return send('text/plain', '');
    }
    if (pathname === '/test/client/browser/page.js') {
      return send('text/javascript', await readFile(path.join(import.meta.dirname, 'page.js'), 'utf8'));
    }
    if (!/^\/client\/[\w/-]+\.ts$/.test(pathname)) return send('text/html', page);
    send('text/javascript', stripTypeScriptTypes(await readFile(path.join(root, pathname), 'utf8')));
  };

  const server = createServer((incoming, answer) => {
    serve(incoming, answer).catch((error: unknown) => {
      told.reject(error);
      answer.destroy();
    });
  });
  server.on('upgrade', ({ url, rawHeaders }: IncomingMessage, socket: Socket, head: Buffer) => {
    const behind = connect(Number(parley.port), parley.hostname);
    const headers = Array.from({ length: rawHeaders.length / 2 }, (_, index) =>
      rawHeaders.slice(2 * index, 2 * index + 2).join(': '),
    );
    behind.write(`GET ${url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    behind.write(head);
    socket.pipe(behind).pipe(socket);
    for (const side of [socket, behind]) side.on('error', () => void [socket.destroy(), behind.destroy()]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told: told.promise,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
