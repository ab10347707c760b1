import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '../../../app/demo/server-process.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** A web site with the built client on it, and pages that talk with the test. */
export interface Site extends AsyncDisposable {
  readonly origin: string;
  /** The address of a page: a script of this folder, which plays one of its parts against a server. */
  page(script: string, part: string, server: string): string;
  /** What a page tells next under this name; rejects with what went wrong in any page. */
  told(name: string): Promise<unknown>;
  /** Lets pages go on that wait for this, from now on. */
  allow(name: string): void;
}

/** A place where what is put in is taken out in the same order, by whoever comes first. */
class Mailbox {
  readonly #given: Promise<unknown>[] = [];
  readonly #wanted: ((value: Promise<unknown>) => void)[] = [];

  put(value: Promise<unknown>): void {
    value.catch(() => {});
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#given.push(value);
    else wanted(value);
  }

  take(): Promise<unknown> {
    return this.#given.shift() ?? new Promise((resolve) => void this.#wanted.push(resolve));
  }
}

/** As whoever puts the client on a site of his own does it. */
const buildClient = async (folder: string): Promise<void> => {
  const options = ['run', '--silent', 'build:client', '--', '--outDir', folder];
  const [code] = (await once(spawn('npm', options, { cwd: root, stdio: 'inherit' }), 'close')) as [number | null];
  if (code !== 0) throw new Error(`The client cannot be built: ${code}`);
};

export const openSite = async (): Promise<Site> => {
  await using opening = new AsyncDisposableStack();
  const { folder } = opening.use(await temporaryFolder());
  await buildClient(folder);
  let failed = Promise.withResolvers<never>();
  const boxes = new Map<string, Mailbox>();
  const boxOf = (name: string): Mailbox => boxes.getOrInsertComputed(name, () => new Mailbox());
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gateOf = (name: string): PromiseWithResolvers<void> =>
    gates.getOrInsertComputed(name, () => Promise.withResolvers<void>());

  const serve = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const pathname = decodeURIComponent(new URL(incoming.url!, 'http://site').pathname);
    const [, kind, name = ''] = pathname.split('/');
    const send = (type: string, body: string): void => void answer.setHeader('content-type', type).end(body);
    if (kind === 'told') {
      const value: unknown = JSON.parse(await text(incoming));
      if (name === 'failure') failed.reject(new Error(`A page failed: ${String(value)}`));
      boxOf(name).put(Promise.resolve(value));
      return send('text/plain', '');
    }
    if (kind === 'allowed') {
      await gateOf(name).promise;
      return send('text/plain', '');
    }
    if (!/^\/[\w/-]+\.js$/.test(pathname)) {
      return send(
        'text/html',
        `<!doctype html><meta charset="utf-8"><script type="module" src="${pathname}.js"></script>`,
      );
    }
    const place = kind === 'client' ? folder : import.meta.dirname;
    send('text/javascript', await readFile(path.join(place, pathname), 'utf8'));
  };

  const server = createServer((incoming, answer) => {
    serve(incoming, answer).catch((error: unknown) => {
      failed.reject(error);
      answer.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opening.defer(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const opened = opening.move();
  return {
    origin,
    page: (script, part, server) => {
      // What went wrong before belongs to pages of another test.
      failed = Promise.withResolvers();
      failed.promise.catch(() => {});
      return `${origin}/${script}?${new URLSearchParams({ part, server }).toString()}`;
    },
    told: (name) => Promise.race([boxOf(name).take(), failed.promise]),
    allow: (name) => gateOf(name).resolve(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};
