import { once } from 'node:events';
import { v7 } from 'uuid';
import { WebSocket, type ClientOptions } from 'ws';
import type { EventBody, Request, ServerFrame } from '../../../realtime/protocol.ts';
import type { TestNode, SignedIn } from './node.ts';

export type Of<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;
export type EventFrame<Type extends EventBody['type'] = EventBody['type']> = Omit<Of<'event'>, 'event'> & {
  readonly event: Extract<EventBody, { type: Type }>;
};
export type Reply = Of<'reply'>;
type Asked = { [Type in Request['type']]: Omit<Extract<Request, { type: Type }>, 'id'> }[Request['type']];

/** A client with a real socket that keeps every frame it gets. */
export class Client implements Disposable {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  constructor(url: string, options: ClientOptions = {}, protocols: string | string[] = 'parley.v1') {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as ServerFrame);
      for (const look of this.#waiting) look();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async open(node: Pick<TestNode, 'url'>): Promise<Client> {
    const client = new Client(node.url);
    await once(client.socket, 'open');
    return client;
  }

  /** Connected and ready. */
  static async ready(node: Pick<TestNode, 'url'>, { token }: Pick<SignedIn, 'token'>, since?: string): Promise<Client> {
    const client = await Client.open(node);
    client.write({ id: 'hello', type: 'hello', token, ...(since !== undefined && { since }) });
    await client.first('ready');
    return client;
  }

  write(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame of those that came or will come for which the predicate holds. */
  async frame<Found extends ServerFrame>(matches: (frame: ServerFrame) => frame is Found): Promise<Found>;
  async frame(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
  async frame(matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    const found = this.frames.find(matches);
    if (found) return found;
    const { promise, resolve, reject } = Promise.withResolvers<ServerFrame>();
    const look = (): void => {
      const last = this.frames.at(-1)!;
      if (matches(last)) resolve(last);
    };
    this.#waiting.add(look);
    void this.closed.then(({ code }) => reject(new Error(`closed with ${code} before the frame came`)));
    try {
      return await promise;
    } finally {
      this.#waiting.delete(look);
    }
  }

  async first<Type extends ServerFrame['type']>(type: Type): Promise<Of<Type>> {
    return (await this.frame((frame) => frame.type === type)) as Of<Type>;
  }

  async event<Type extends EventBody['type']>(
    type: Type,
    matches: (frame: EventFrame<Type>) => boolean = () => true,
  ): Promise<EventFrame<Type>> {
    const found = await this.frame(
      (frame) => frame.type === 'event' && frame.event.type === type && matches(frame as EventFrame<Type>),
    );
    return found as EventFrame<Type>;
  }

  events(conversationId?: string): readonly EventFrame[] {
    return this.frames
      .filter((frame) => frame.type === 'event')
      .filter((frame) => conversationId === undefined || frame.conversationId === conversationId);
  }

  /** Sends a request and waits for its reply. */
  async ask(request: Asked | { readonly type: string; readonly [field: string]: unknown }): Promise<Reply> {
    const id = this.#nextId++;
    this.write({ id, ...request });
    return (await this.frame((frame) => frame.type === 'reply' && frame.id === id)) as Reply;
  }

  async send(conversationId: string, text: string, messageId = v7()): Promise<Reply> {
    return await this.ask({ type: 'send', conversationId, messageId, text });
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

export const codeOf = (reply: Reply): string | undefined => ('error' in reply ? reply.error.code : undefined);
