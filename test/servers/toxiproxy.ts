import { randomUUID } from 'node:crypto';
import { freePort } from '../../app/demo/server-process.ts';

/** A proxy before one server. */
export interface Proxy extends AsyncDisposable {
  /** The server's URL, by way of the proxy. */
  readonly url: string;
  readonly control: string;
}

const ask = async (address: string, method: string, body?: object): Promise<void> => {
  const answer = await fetch(address, { method, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`Toxiproxy answered ${answer.status}: ${await answer.text()}`);
};

/** A new proxy of a Toxiproxy server, before the server that a URL names. */
export const openProxy = async (toxiproxy: string, upstream: string): Promise<Proxy> => {
  const url = new URL(upstream);
  const target = url.host;
  url.hostname = '127.0.0.1';
  url.port = String(await freePort());
  const name = randomUUID();
  await ask(`${toxiproxy}/proxies`, 'POST', { name, listen: url.host, upstream: target });
  const control = `${toxiproxy}/proxies/${name}`;
  return { url: url.href, control, [Symbol.asyncDispose]: () => ask(control, 'DELETE') };
};

/** Swallows everything that goes through, in both directions, until disposed. Connections stay open. */
export const cut = async ({ control }: Proxy): Promise<AsyncDisposable> => {
  const streams = ['upstream', 'downstream'];
  for (const stream of streams) {
    await ask(`${control}/toxics`, 'POST', { name: stream, type: 'timeout', stream, attributes: { timeout: 0 } });
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const stream of streams) await ask(`${control}/toxics/${stream}`, 'DELETE');
    },
  };
};

/** Every answer takes so much longer, until disposed. */
export const slow = async ({ control }: Proxy, latency: number): Promise<AsyncDisposable> => {
  const attributes = { latency };
  await ask(`${control}/toxics`, 'POST', { name: 'slow', type: 'latency', stream: 'downstream', attributes });
  return { [Symbol.asyncDispose]: () => ask(`${control}/toxics/slow`, 'DELETE') };
};
