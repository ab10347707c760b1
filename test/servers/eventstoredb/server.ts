import { setTimeout as sleep } from 'node:timers/promises';
import { Server as GrpcServer, ServerCredentials, status } from '@grpc/grpc-js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { batchAppend } from './batch-append.ts';
import { clusterInfo, supportedMethods } from './features.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { ServerLog } from './server-log.ts';
import { append } from './unary-append.ts';
import { failure } from './wire.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly folder: string;
  readonly maxAppendSize?: number;
  /** How long calls that are open may go on when the server ends in good order. */
  readonly graceMs?: number;
}

interface Call {
  emit(event: 'error', error: unknown): boolean;
  on(event: 'close' | 'cancelled', listener: () => void): unknown;
}

/** As many calls as one connection may have open. */
const mostStreams = 100;
const mostMessageBytes = 64 * 1024 * 1024;

/** A running test server. */
export class Server implements AsyncDisposable {
  readonly log: ServerLog;
  readonly maxAppendSize: number;
  readonly #grpc: GrpcServer;
  readonly #graceMs: number;
  readonly #calls = new Set<Call>();
  #port = 0;
  url = '';
  isEnding = false;

  private constructor(log: ServerLog, { maxAppendSize = 1_048_576, graceMs = 500 }: ServerOptions) {
    this.log = log;
    this.maxAppendSize = maxAppendSize;
    this.#graceMs = graceMs;
    this.#grpc = new GrpcServer({
      'grpc.max_concurrent_streams': mostStreams,
      'grpc.max_receive_message_length': mostMessageBytes,
    });
  }

  static async start(options: ServerOptions): Promise<Server> {
    const { host, port, folder } = options;
    const log = await ServerLog.open(folder);
    const server = new Server(log, options);
    const grpc = server.#grpc;
    grpc.addService(streamsService.StreamsService, {
      read: read(server),
      append: append(server),
      batchAppend: batchAppend(server),
      delete: remove(
        (stream, expected) => log.delete(stream, expected),
        (at) => {
          const position = new streams.DeleteResp.Position();
          position.setCommitPosition(`${at}`);
          position.setPreparePosition(`${at}`);
          const response = new streams.DeleteResp();
          response.setPosition(position);
          return response;
        },
      ),
      tombstone: remove(
        (stream, expected) => log.tombstone(stream, expected),
        (at) => {
          const position = new streams.TombstoneResp.Position();
          position.setCommitPosition(`${at}`);
          position.setPreparePosition(`${at}`);
          const response = new streams.TombstoneResp();
          response.setPosition(position);
          return response;
        },
      ),
    });
    grpc.addService(featuresService.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, reply: (error: null, methods: ReturnType<typeof supportedMethods>) => void) =>
        reply(null, supportedMethods()),
    });
    grpc.addService(gossipService.GossipService, {
      read: (_: unknown, reply: (error: null, info: ReturnType<typeof clusterInfo>) => void) =>
        reply(null, clusterInfo(host, server.#port)),
    });
    server.#port = await new Promise<number>((resolve, reject) => {
      grpc.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    server.url = `esdb://${host}:${server.#port}?tls=false`;
    return server;
  }

  /** Calls that stay open are told when the server ends. */
  track(call: Call): void {
    this.#calls.add(call);
    for (const event of ['close', 'cancelled'] as const) call.on(event, () => this.#calls.delete(call));
  }

  /** Refuses appends for a while, then ends every call that is still open, as the real one does. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isEnding = true;
    await sleep(this.#calls.size > 0 ? this.#graceMs : 0);
    for (const call of this.#calls) {
      call.emit('error', failure(status.INTERNAL, 'Received RST_STREAM with code 0'));
    }
    const stopped = new Promise<void>((resolve) => {
      this.#grpc.tryShutdown(() => resolve());
    });
    await Promise.race([stopped, sleep(200)]);
    this.#grpc.forceShutdown();
    await this.log[Symbol.asyncDispose]();
  }
}
