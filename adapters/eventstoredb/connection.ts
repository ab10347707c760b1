import { EventStoreDBClient } from '@eventstore/db-client';
import type { CallOptions, Channel, Client, Metadata } from '@grpc/grpc-js';

/** What the client class keeps for those who build on it; declared protected, so the compiler has to be told. */
interface ClientParts {
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
  getChannel(): Promise<Channel>;
  callArguments(options: { readonly requiresLeader?: boolean }, callOptions: CallOptions): [Metadata, CallOptions];
  GRPCStreamCreator<Stub extends Client, Call>(
    stub: new (address: string, credentials: never, options?: never) => Stub,
    name: string,
    create: (stub: Stub) => Call,
  ): () => Promise<Call>;
}

export const partsOf = (client: EventStoreDBClient): ClientParts => client as unknown as ClientParts;

/** Clients with equal options share one connection of 100 streams, so every client of this process differs here. */
const leastKeepAliveMs = 10_000;
const distinctOptions = 5_000;
let clients = 0;

/** The connection string with settings of our own in place of those it may have. */
export const withSettings = (url: string, settings: Readonly<Record<string, string>>): string => {
  const [server = '', query = ''] = url.trim().split('?', 2);
  const ours = new Set(Object.keys(settings).map((key) => key.toLowerCase()));
  const isTheirs = (pair: string): boolean => pair !== '' && !ours.has(pair.split('=', 1)[0]!.toLowerCase());
  const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `${server.replace(/\/+$/, '')}?${[...query.split('&').filter(isTheirs), ...pairs].join('&')}`;
};

const open = (url: string): EventStoreDBClient => {
  clients += 1;
  const keepAliveInterval = `${leastKeepAliveMs + (clients % distinctOptions)}`;
  const client = EventStoreDBClient.connectionString(
    withSettings(url, { keepAliveInterval, throwOnAppendFailure: 'true' }),
  );
  return client;
};

/** Cancels whatever is under way and closes the connection. */
const close = async (client: EventStoreDBClient): Promise<void> => {
  try {
    await client.dispose();
    (await partsOf(client).getChannel()).close();
  } catch {
    // It never connected, so there is nothing to close.
  }
};

/** One connection to the server, for one kind of call. A client that is in doubt is replaced by a fresh one. */
export class Connection implements AsyncDisposable {
  readonly #url: string;
  #client: EventStoreDBClient;
  readonly #closing = new Set<Promise<void>>();

  constructor(url: string) {
    this.#url = url;
    this.#client = open(url);
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** Calls that are under way on `client` fail. Does nothing when it was replaced already. */
  replace(client: EventStoreDBClient): void {
    if (client !== this.#client) return;
    this.#client = open(this.#url);
    const closing = close(client).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([close(this.#client), ...this.#closing]);
  }
}
