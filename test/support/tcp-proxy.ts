import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A line between clients and a server that can be cut, or go dead while its connections stay open. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  /** Port of the server; undefined: nobody is there. */
  target: number | undefined;
  /** Connections made so far. */
  connections = 0;
  #isDead = false;

  private constructor(listener: Server, target: number | undefined) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    this.target = target;
    listener.on('connection', (client) => this.#accept(client));
  }

  static async open(target?: number): Promise<TcpProxy> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpProxy(listener, target);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #accept(client: Socket): void {
    this.connections += 1;
    client.on('error', () => client.destroy());
    if (this.target === undefined) return void client.destroy();
    const server = connect(this.target, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    server.on('error', () => server.destroy());
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (data) => {
        if (!this.#isDead) to.write(data);
      });
      from.on('end', () => {
        if (!this.#isDead) to.end();
      });
      from.on('close', () => {
        if (client.destroyed && server.destroyed) this.#pairs.delete(pair);
        // Of a dead line neither side learns what has become of the other.
        if (!this.#isDead) to.destroy();
      });
    }
  }

  /** Breaks every connection. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  /** Swallows whatever goes through; connections stay open, and neither side is told. */
  freeze(): void {
    this.#isDead = true;
  }

  /** Ends the frozen connections; new ones go through. */
  thaw(): void {
    this.#isDead = false;
    this.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    this.#listener.close();
    await once(this.#listener, 'close');
  }
}
