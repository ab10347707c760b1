import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Problem } from '../../../schemas/common.ts';
import { Refused } from './rest.ts';
import type { EventFrame, Frame, MeFrame, ReadyFrame } from './frames.ts';

export interface SocketOptions {
  readonly origin: URL;
  readonly token: string;
  /** Position of the last pushed frame that was seen. */
  readonly since?: string | undefined;
  readonly onPush: (frame: EventFrame | MeFrame) => void;
  /** More was missed than the server repeats: everything must be synchronised. */
  readonly onResync: () => void;
  readonly onClose: (code: number) => void;
}

/** The connection was lost before the reply came; whether the request took effect is unknown. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly code: number;
  constructor(code: number) {
    super(`The connection was closed with ${code}`);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (frame: { readonly result: unknown; readonly position: string }) => void;
  readonly reject: (error: Error) => void;
}

/** One WebSocket that has said hello. Requests get their replies; pushes go to the listener in order. */
export class Socket {
  readonly ready: Promise<ReadyFrame>;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #heartbeat: NodeJS.Timeout;
  #lastId = 0;

  constructor({ origin, token, since, onPush, onResync, onClose }: SocketOptions) {
    const url = new URL('/v1/realtime', origin);
    url.protocol = 'ws:';
    const socket = new WebSocket(url, 'parley.v1', { perMessageDeflate: false });
    this.#socket = socket;
    const ready = Promise.withResolvers<ReadyFrame>();
    this.ready = ready.promise;
    this.ready.catch(() => undefined);
    socket.on('open', () => {
      socket.send(JSON.stringify({ id: 0, type: 'hello', token, ...(since !== undefined && { since }) }));
    });
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Frame;
      if (frame.type === 'event' || frame.type === 'me') return onPush(frame);
      if (frame.type === 'ready') return ready.resolve(frame);
      if (frame.type === 'resync') return onResync();
      if (frame.type === 'reply') return this.#settle(frame);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      clearInterval(this.#heartbeat);
      const lost = new ConnectionLost(code);
      ready.reject(lost);
      for (const { reject } of this.#waiting.values()) reject(lost);
      this.#waiting.clear();
      onClose(code);
    });
    this.#heartbeat = setInterval(() => void this.request('heartbeat', {}).catch(() => undefined), 25_000).unref();
  }

  /** Resolves with the reply. Rejects with `Refused`, or `ConnectionLost` when none came. */
  request(type: string, fields: object): Promise<{ readonly result: unknown; readonly position: string }> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new ConnectionLost(1006));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, type, ...fields }));
    });
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close(1000);
    await closed;
  }

  #settle(frame: { id: unknown; result?: unknown; error?: Problem; position?: string }): void {
    const waiting = this.#waiting.get(Number(frame.id));
    this.#waiting.delete(Number(frame.id));
    if (frame.error === undefined) waiting?.resolve({ result: frame.result, position: frame.position ?? '' });
    else waiting?.reject(new Refused(frame.error, Number(frame.error['retryAfter'] ?? 0) * 1000));
  }
}
