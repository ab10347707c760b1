import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from './node.ts';

/** A frame as it stands on the wire (RFC 6455, 5.2). */
export interface WireFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export interface Sent {
  readonly fin?: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv?: number;
  readonly opcode?: number;
  /** Null: none, which clients may not. */
  readonly mask?: Buffer | null;
  /** In place of the payload's own length. */
  readonly length?: number | bigint;
  /** How many bits the length is written in: 7, 16 or 64; default: as few as do. */
  readonly lengthBits?: 7 | 16 | 64;
}

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Makes the bytes of a frame, lawful or not. */
export const frameOf = (payload: Buffer | string = '', options: Sent = {}): Buffer => {
  const { fin = true, rsv = 0, opcode: code = opcode.text, mask = randomBytes(4), lengthBits } = options;
  const body = Buffer.from(payload);
  const length = BigInt(options.length ?? body.length);
  const bits = lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | code];
  const maskBit = mask === null ? 0 : 0x80;
  const extended = Buffer.alloc(bits === 7 ? 0 : bits / 8);
  if (bits === 16) extended.writeUInt16BE(Number(length));
  if (bits === 64) extended.writeBigUInt64BE(length);
  head.push(maskBit | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127));
  if (mask !== null) for (const [index, byte] of body.entries()) body[index] = byte ^ mask[index % 4]!;
  return Buffer.concat([Buffer.from(head), extended, mask ?? Buffer.alloc(0), body]);
};

export const closeOf = (code: number, reason: Buffer | string = ''): Buffer => {
  const body = Buffer.alloc(2);
  body.writeUInt16BE(code);
  return frameOf(Buffer.concat([body, Buffer.from(reason)]), { opcode: opcode.close });
};

export interface UpgradeHeaders {
  readonly [name: string]: string | undefined;
}

const usual: UpgradeHeaders = {
  host: 'parley.example',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  // The example of RFC 6455, 1.3.
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'parley.v1',
};

/** A connection by hand: bytes out, frames in. */
export class Wire implements Disposable {
  readonly socket: Socket;
  readonly frames: WireFrame[] = [];
  /** Resolves once the server has closed the TCP connection. */
  readonly ended: Promise<void>;
  #received = Buffer.alloc(0);
  #changed = Promise.withResolvers<void>();
  #head: string | undefined;
  #isOver = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => this.#take(data));
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isOver = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Sends an opening handshake; undefined leaves a header out. */
  static async request(
    { port }: Endpoint,
    headers: UpgradeHeaders = {},
    line = 'GET /v1/realtime HTTP/1.1',
  ): Promise<Wire> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    const wire = new Wire(socket);
    const lines = Object.entries({ ...usual, ...headers }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    );
    socket.write([line, ...lines, '', ''].join('\r\n'));
    return wire;
  }

  /** Shaken hands. */
  static async open(endpoint: Endpoint, headers: UpgradeHeaders = {}): Promise<Wire> {
    const wire = await Wire.request(endpoint, headers);
    const head = await wire.head();
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`No handshake: ${head}`);
    return wire;
  }

  /** Shaken hands, and ready: the hello said and answered. */
  static async ready(
    endpoint: Endpoint,
    { token }: { readonly token: string },
    headers: UpgradeHeaders = {},
  ): Promise<Wire> {
    const wire = await Wire.open(endpoint, headers);
    wire.send(frameOf(JSON.stringify({ id: 0, type: 'hello', token })));
    await wire.next();
    return wire;
  }

  send(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Sends byte by byte, each a write of its own. */
  async drip(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      await new Promise<void>((resolve) => this.socket.write(Buffer.from([byte]), () => resolve()));
    }
  }

  /** Everything up to the empty line. */
  async head(): Promise<string> {
    for (;;) {
      if (this.#head !== undefined) return this.#head;
      if (this.#isOver) throw new Error('The connection ended before the head');
      await this.#changed.promise;
    }
  }

  /** What came after the head and is no frame: the body of a refusal. */
  async body(): Promise<string> {
    await this.ended;
    return this.#received.toString();
  }

  /** The next frame that has not been taken. */
  async next(): Promise<WireFrame> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame) return frame;
      if (this.#isOver) throw new Error('The connection ended before the frame');
      await this.#changed.promise;
    }
  }

  /** The next frame, a text of JSON. */
  async json(): Promise<Record<string, unknown>> {
    const { opcode: code, payload } = await this.next();
    if (code !== opcode.text) throw new Error(`A frame of opcode ${code}`);
    return JSON.parse(payload.toString()) as Record<string, unknown>;
  }

  /** The close frame that is the next frame: its code (undefined: none) and reason. */
  async close(): Promise<{ readonly code: number | undefined; readonly reason: string }> {
    const { opcode: code, payload } = await this.next();
    if (code !== opcode.close) throw new Error(`A frame of opcode ${code}: ${payload.toString()}`);
    return { code: payload.length < 2 ? undefined : payload.readUInt16BE(), reason: payload.subarray(2).toString() };
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    if (this.#head === undefined) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#head = this.#received.subarray(0, end).toString();
      this.#received = this.#received.subarray(end + 4);
    }
    if (this.#head.startsWith('HTTP/1.1 101 ')) while (this.#takeFrame());
    this.#wake();
  }

  #takeFrame(): boolean {
    const bytes = this.#received;
    if (bytes.length < 2) return false;
    const short = bytes[1]! & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < start) return false;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < start + length) return false;
    const first = bytes[0]!;
    this.frames.push({
      fin: (first & 0x80) !== 0,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked: (bytes[1]! & 0x80) !== 0,
      payload: Buffer.from(bytes.subarray(start, start + length)),
    });
    this.#received = bytes.subarray(start + length);
    return true;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
