import type { WebSocket } from 'ws';
import type { RealtimeMetrics } from './metrics.ts';
import { closeCode, type CloseCode } from './protocol.ts';
import type { RealtimeSettings } from './settings.ts';
import type { Slices } from './slices.ts';

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly settings: RealtimeSettings;
  readonly metrics: RealtimeMetrics;
  readonly onFrame: (text: string) => void;
}

/** How a connection ended: with which code, and whether its client chose it. */
export interface Ended {
  readonly code: number;
  readonly byClient: boolean;
}

const reasons: Readonly<Record<CloseCode, string>> = {
  [closeCode.goingAway]: 'come back elsewhere',
  [closeCode.badFrame]: 'bad frame',
  [closeCode.unauthenticated]: 'not authenticated',
  [closeCode.revoked]: 'revoked',
  [closeCode.silent]: 'silent for too long',
  [closeCode.replaced]: 'the same device connected again',
  [closeCode.tooLarge]: 'frame too large',
  [closeCode.tooManyRequests]: 'too many requests',
  [closeCode.tooSlow]: 'too slow a reader',
};

/** One socket: text frames in, frames out through a queue of bounded bytes, and one close code when it ends. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #settings: RealtimeSettings;
  readonly #metrics: RealtimeMetrics;
  readonly #ended = new AbortController();
  readonly #closed: Promise<void>;
  readonly #whenEnded = Promise.withResolvers<Ended>();
  #code: CloseCode | undefined;
  /** Wait for this connection's slice; whatever is sent meanwhile waits behind them. */
  #sliced: Buffer[] = [];
  #slicedBytes = 0;

  constructor({ socket, settings, metrics, onFrame }: ConnectionOptions) {
    this.#socket = socket;
    this.#settings = settings;
    this.#metrics = metrics;
    metrics.socketsOpen += 1;
    const silence = setTimeout(() => this.close(closeCode.silent), settings.silenceMs);
    const heard = (): void => void silence.refresh();
    socket.on('ping', heard);
    socket.on('pong', heard);
    socket.on('message', (data: Buffer, isBinary) => {
      heard();
      metrics.framesReceived += 1;
      if (this.isClosed) return;
      if (isBinary) this.close(closeCode.badFrame);
      else if (data.length > settings.maxFrameBytes) this.close(closeCode.tooLarge);
      else onFrame(data.toString('utf8'));
    });
    // A broken socket also closes, and `close` is where it is dealt with.
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      socket.once('close', (received) => {
        const code = this.#code ?? received;
        clearTimeout(silence);
        metrics.socketsOpen -= 1;
        metrics.closes.set(code, (metrics.closes.get(code) ?? 0) + 1);
        this.#whenEnded.resolve({ code, byClient: this.#code === undefined });
        this.#ended.abort();
        resolve();
      });
    });
  }

  /** Aborts when the connection ends, whoever ends it. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Resolves when `ended` aborts. */
  get whenEnded(): Promise<Ended> {
    return this.#whenEnded.promise;
  }

  get isClosed(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Queues a frame. A reader who lets more bytes wait than may is closed. */
  send(data: Buffer): void {
    if (this.isClosed) return;
    if (!this.#makeRoomFor(data)) return this.close(closeCode.tooSlow);
    if (this.#sliced.length === 0) this.#write(data);
    else this.#hold(data);
  }

  /** Queues a frame that many others get as well: it goes out in this connection's slice, and keeps its place. */
  sendInSlice(data: Buffer, slices: Slices): void {
    if (this.isClosed) return;
    if (!this.#makeRoomFor(data)) return this.close(closeCode.tooSlow);
    if (this.#sliced.length === 0) slices.add(() => this.#writeSliced());
    this.#hold(data);
  }

  /** Sends a frame that nobody misses, unless others wait. */
  sendIfIdle(data: Buffer): void {
    if (this.isClosed || this.#socket.bufferedAmount > this.#settings.maxQueuedBytes / 4) return;
    this.#write(data);
  }

  /** Queues a frame once there is room for it: for what is made no faster than it is read. */
  async sendInTurn(data: Buffer): Promise<void> {
    if (this.isClosed) return;
    if (this.#socket.bufferedAmount < this.#settings.maxQueuedBytes / 2) return this.#write(data);
    await new Promise<void>((resolve) => this.#write(data, resolve));
  }

  /** Ends the connection. Frames queued before still go out; nothing is queued any more. */
  close(code: CloseCode): void {
    if (this.isClosed) return;
    this.#writeSliced();
    this.#code = code;
    this.#whenEnded.resolve({ code, byClient: false });
    this.#ended.abort();
    this.#socket.resume();
    this.#socket.close(code, reasons[code]);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Resolves once the socket is gone; one that does not answer its close within `ms` is cut off. */
  async gone(ms: number): Promise<void> {
    const cut = setTimeout(() => this.#socket.terminate(), ms);
    await this.#closed;
    clearTimeout(cut);
  }

  /** What only waits for its slice says nothing about the reader: it goes out before he counts as too slow. */
  #makeRoomFor(data: Buffer): boolean {
    if (!this.#hasRoomFor(data)) this.#writeSliced();
    return this.#hasRoomFor(data);
  }

  #hasRoomFor(data: Buffer): boolean {
    return this.#socket.bufferedAmount + this.#slicedBytes + data.length <= this.#settings.maxQueuedBytes;
  }

  #hold(data: Buffer): void {
    this.#sliced.push(data);
    this.#slicedBytes += data.length;
  }

  #writeSliced(): void {
    const sliced = this.#sliced;
    this.#sliced = [];
    this.#slicedBytes = 0;
    if (!this.isClosed) for (const data of sliced) this.#write(data);
  }

  #write(data: Buffer, sent: () => void = () => {}): void {
    this.#metrics.framesSent += 1;
    this.#metrics.bytesSent += data.length;
    this.#socket.send(data, { binary: false }, () => sent());
  }
}
