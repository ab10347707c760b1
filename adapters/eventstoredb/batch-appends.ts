import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import service from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { EventStoreUnavailable, type Revision } from '../../ports/event-store.ts';
import { appendRequests, readAnswer, type AppendAnswer, type AppendRequest, type Response } from './append-request.ts';
import { partsOf, type Connection } from './connection.ts';
import { isLostConnection, toUnavailable } from './failures.ts';
import type { ProposedEvent } from './proposed-event.ts';

type Call = ClientDuplexStream<InstanceType<typeof streams.BatchAppendReq>, Response>;

interface Pending {
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One batch-append call on one client, with the appends that wait for an answer on it. */
class Pipe {
  readonly client: EventStoreDBClient;
  readonly #pending = new Map<string, Pending>();
  readonly #opening: Promise<Call>;
  #failure: Error | undefined;

  constructor(client: EventStoreDBClient, onFailed: (error: unknown) => void) {
    this.client = client;
    const parts = partsOf(client);
    const open = parts.GRPCStreamCreator(service.StreamsClient, 'appendToStream', (stub) =>
      stub.batchAppend(...parts.callArguments({ requiresLeader: true }, { deadline: Infinity })),
    );
    const fail = (error: unknown): void => {
      if (this.#failure === undefined) onFailed(error);
      this.fail(error);
    };
    this.#opening = open();
    this.#opening.then((call) => {
      call.on('data', (response: Response) => this.#settle(response));
      call.on('error', fail);
      call.on('end', () => fail(new Error('The server ended the call')));
    }, fail);
  }

  /** In the order of the calls. Written only if it has not failed by the time that the call is open. */
  send(append: AppendRequest): Promise<AppendAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const requests = appendRequests(append);
    return new Promise((resolve, reject) => {
      this.#pending.set(append.correlationId, { resolve, reject });
      this.#opening.then(
        (call) => {
          if (this.#pending.has(append.correlationId)) for (const request of requests) call.write(request);
        },
        () => undefined,
      );
    });
  }

  fail(error: unknown): void {
    this.#failure ??= toUnavailable('An append got no answer', error);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#failure);
  }

  /** An answer that nobody waits for any more, or a second one, is no news. */
  #settle(response: Response): void {
    const { correlationId, answer } = readAnswer(response);
    const pending = this.#pending.get(correlationId);
    this.#pending.delete(correlationId);
    pending?.resolve(answer);
  }
}

export interface BatchAppendsOptions {
  readonly connection: Connection;
  readonly timeoutMs: number;
  /** Told when an append got neither an answer nor an error in time. */
  readonly onHung: () => void;
}

/**
 * Appends over one long call, as the client's own `appendToStream` does, but with a table of waiting appends for each
 * call. The client keeps one for the whole process, where the failure of one connection fails the appends of all, and
 * an answer that comes late breaks its connection for good.
 */
export class BatchAppends {
  readonly #options: BatchAppendsOptions;
  #pipe: Pipe | undefined;

  constructor(options: BatchAppendsOptions) {
    this.#options = options;
  }

  /** The server's answer. Throws `EventStoreUnavailable` when none came; whether the append happened is unknown then. */
  async append(stream: string, events: readonly ProposedEvent[], expected: Revision): Promise<AppendAnswer> {
    const { timeoutMs } = this.#options;
    const pipe = this.#ready();
    const timer = setTimeout(() => this.#giveUp(pipe), timeoutMs);
    try {
      return await pipe.send({ correlationId: randomUUID(), stream, events, expected, deadlineMs: 2 * timeoutMs });
    } catch (error) {
      throw toUnavailable('An append got no answer', error);
    } finally {
      clearTimeout(timer);
    }
  }

  #ready(): Pipe {
    const { connection } = this.#options;
    if (this.#pipe?.client === connection.client) return this.#pipe;
    const pipe = new Pipe(connection.client, (error) => {
      if (isLostConnection(error)) connection.replace(pipe.client);
      if (this.#pipe === pipe) this.#pipe = undefined;
    });
    this.#pipe = pipe;
    return pipe;
  }

  /** All that waits on the same call would wait in vain. */
  #giveUp(pipe: Pipe): void {
    const { connection, timeoutMs, onHung } = this.#options;
    if (this.#pipe === pipe) this.#pipe = undefined;
    pipe.fail(new EventStoreUnavailable(`No answer within ${timeoutMs} ms`));
    connection.replace(pipe.client);
    onHung();
  }
}
