import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../../app/demo/random.ts';

/** Where one answer of Redis ends (RESP 2 and 3); undefined while it is not there as a whole. */
const endOf = (data: Buffer, start: number): number | undefined => {
  const line = data.indexOf('\r\n', start);
  if (line === -1) return undefined;
  const [kind, count] = [String.fromCharCode(data[start]!), Number(data.toString('latin1', start + 1, line))];
  const next = line + 2;
  if (kind === '$') {
    const end = count < 0 ? next : next + count + 2;
    return end <= data.length ? end : undefined;
  }
  if (kind !== '*' && kind !== '>') return next;
  let end: number | undefined = next;
  for (let item = 0; item < count && end !== undefined; item += 1) {
    end = end < data.length ? endOf(data, end) : undefined;
  }
  return end;
};

const isMessage = (frame: Buffer): boolean => /^[*>]3\r\n\$8\r\nsmessage\r\n/.test(frame.toString('latin1', 0, 24));

export interface LossyRedisOptions {
  readonly port: number;
  readonly random: Random;
  /** Which part of the messages published does not arrive. */
  readonly lost: number;
  /** What goes through waits for up to so long, and keeps its order. */
  readonly delayMs: number;
}

/** A line to Redis on which published messages get lost, and everything comes late; it can be cut. */
export class LossyRedis implements AsyncDisposable {
  readonly #open = new Set<Socket>();
  readonly #listener = createServer();
  readonly #options: LossyRedisOptions;
  lost = 0;
  passed = 0;

  private constructor(options: LossyRedisOptions) {
    this.#options = options;
    this.#listener.on('connection', (client) => this.#accept(client));
  }

  static async open(options: LossyRedisOptions): Promise<LossyRedis> {
    const line = new LossyRedis(options);
    line.#listener.listen(0, '127.0.0.1');
    await once(line.#listener, 'listening');
    return line;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await once(this.#listener, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(this.#options.port, '127.0.0.1');
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
    client.on('data', (data) => server.write(data));
    let rest = Buffer.alloc(0);
    server.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      const kept: Buffer[] = [];
      for (let end = endOf(rest, 0); rest.length > 0 && end !== undefined; end = endOf(rest, 0)) {
        const frame = rest.subarray(0, end);
        rest = rest.subarray(end);
        if (!this.#loses(frame)) kept.push(frame);
      }
      this.#pass(client, Buffer.concat(kept));
    });
  }

  #loses(frame: Buffer): boolean {
    if (!isMessage(frame)) return false;
    const isLost = this.#options.random.next() < this.#options.lost;
    if (isLost) this.lost += 1;
    else this.passed += 1;
    return isLost;
  }

  #pass(client: Socket, data: Buffer): void {
    if (data.length === 0) return;
    // Timers of one length fire in the order in which they were set.
    setTimeout(() => client.write(data), this.#options.delayMs);
  }
}
