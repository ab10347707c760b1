import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A WebSocket that sends whatever it is told and keeps every frame it gets. */
export class RawSocket implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly frames: Record<string, unknown>[] = [];
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    socket.on('close', resolve);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as Record<string, unknown>);
    });
  }

  static async open(origin: string): Promise<RawSocket> {
    const url = new URL('/v1/realtime', origin);
    url.protocol = 'ws:';
    const raw = new RawSocket(new WebSocket(url, 'parley.v1', { perMessageDeflate: false }));
    await once(raw.socket, 'open');
    return raw;
  }

  /** Opened, greeted and ready. */
  static async ready(origin: string, token: string): Promise<RawSocket> {
    const raw = await RawSocket.open(origin);
    raw.send({ id: 'hello', type: 'hello', token });
    await raw.frame((frame) => frame['type'] === 'ready');
    return raw;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame, of those that came or will come, that is asked for. */
  async frame(wanted: (frame: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.frames.find((frame) => wanted(frame));
      if (found !== undefined) return found;
      const code = await Promise.race([once(this.socket, 'message').then(() => undefined), this.closed]);
      if (code !== undefined && !this.frames.some((frame) => wanted(frame))) throw new Error(`Closed with ${code}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}
