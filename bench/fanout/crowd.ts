import { WebSocket } from 'ws';

export interface CrowdOptions {
  readonly url: string;
  /** Written once the socket is open; without it the socket is ready then. */
  readonly hello?: (index: number, since: string | undefined) => string;
}

export interface Deliveries {
  readonly ask: () => void;
  /** Sockets that get each event. The sender gets his own as well. */
  readonly recipients: number;
  readonly count: number;
  readonly inFlight: number;
}

const atOnce = 200;
/** Where the type of a frame stands in its bytes: looked at without parsing, which would cost more than the socket. */
const typeOf = (data: Buffer): string => data.toString('latin1', 9, 14);

/** Many sockets in this process that count what they get. */
export class Crowd implements Disposable {
  readonly #options: CrowdOptions;
  readonly #waiting = new Set<() => void>();
  sockets: WebSocket[] = [];
  /** Events, of all sockets together. */
  received = 0;
  last: Buffer | undefined;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Connects so many, a few at a time. */
  async open(count: number): Promise<void> {
    for (let first = 0; first < count; first += atOnce) {
      const part = Array.from({ length: Math.min(atOnce, count - first) }, (_, offset) => first + offset);
      await Promise.all(part.map((index) => this.#connect(index)));
    }
  }

  /** Connects all anew at the same moment; resolves with how long each took. */
  async storm(count: number, since?: string): Promise<readonly number[]> {
    const startedAt = performance.now();
    return await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await this.#connect(index, since);
        return performance.now() - startedAt;
      }),
    );
  }

  /** Cuts all off without a close. */
  drop(): void {
    for (const socket of this.sockets) socket.terminate();
    this.sockets = [];
  }

  /** Resolves at the moment when so many events have come in all. */
  async until(received: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.received >= received) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    this.#waiting.delete(look);
  }

  /** Asks so often, a few times at once, for an event to so many sockets. Resolves with the deliveries in a second. */
  async deliveries({ ask, recipients, count, inFlight }: Deliveries): Promise<number> {
    const startedAt = performance.now();
    const before = this.received;
    for (let sent = 0; sent < count; sent += 1) {
      ask();
      if (sent >= inFlight) await this.until(before + (sent - inFlight + 1) * recipients);
    }
    await this.until(before + count * recipients);
    return (count * recipients) / ((performance.now() - startedAt) / 1000);
  }

  [Symbol.dispose](): void {
    this.drop();
  }

  async #connect(index: number, since?: string): Promise<void> {
    const { url, hello } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = new WebSocket(url, 'parley.v1', { perMessageDeflate: false, handshakeTimeout: 120_000 });
    this.sockets[index] = socket;
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`A socket was closed with ${code}`)));
    socket.on('open', () => (hello === undefined ? resolve() : socket.send(hello(index, since))));
    socket.on('message', (data: Buffer) => {
      const type = typeOf(data);
      if (type === 'ready') return resolve();
      if (type !== 'event') return;
      this.received += 1;
      this.last = data;
      for (const look of this.#waiting) look();
    });
    await promise;
  }
}
