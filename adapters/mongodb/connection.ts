import { MongoClient, MongoParseError, MongoServerSelectionError, type Db, type MongoClientOptions } from 'mongodb';
import { HangWatch } from './hang-watch.ts';

export interface MongoTimeouts {
  /** How long to look for a server that takes writes. */
  readonly serverSelectionMs: number;
  readonly connectMs: number;
  /** How long a server may answer nothing at all. An answer may take twice as long, and what got none is tried again. */
  readonly answerMs: number;
}

const defaults: MongoTimeouts = { serverSelectionMs: 2_000, connectMs: 2_000, answerMs: 5_000 };

/** Nothing can be kept in the MongoDB that a URL names. The message says why, and nothing of the URL but the address. */
export class UnusableMongoDb extends Error {
  override readonly name = 'UnusableMongoDb';
}

/** Nobody answers there at the moment. */
export class MongoDbAway extends UnusableMongoDb {}

export interface MongoConnection extends AsyncDisposable {
  /** The database that the URL names, `parley` when it names none. */
  readonly main: Db;
  /** Beside it, for keys and credentials, so that it can have other users and other backups. */
  readonly secrets: Db;
  /** Over the calls of both. */
  readonly watch: HangWatch;
}

const databaseIn = (url: string): string => {
  const [, name = ''] = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]*)/.exec(url) ?? [];
  return name === '' ? 'parley' : decodeURIComponent(name);
};

const explained = (cause: unknown): unknown => {
  if (cause instanceof MongoServerSelectionError) {
    return new MongoDbAway(`MongoDB cannot be reached: ${cause.message}`, { cause });
  }
  if (cause instanceof MongoParseError) return new UnusableMongoDb('MongoDB does not understand the URL', { cause });
  return cause;
};

/** Without a replica set a write whose answer is lost cannot be repeated, and a majority means nothing. */
const requireReplicaSet = async (db: Db): Promise<void> => {
  const { setName, msg } = await db.command({ hello: 1 });
  if (setName !== undefined || msg === 'isdbgrid') return;
  throw new UnusableMongoDb('MongoDB must run as a replica set, of one member at least');
};

const createClient = (url: string, options: MongoClientOptions): MongoClient => {
  try {
    return new MongoClient(url, options);
  } catch (error) {
    throw explained(error);
  }
};

/**
 * Connects to a replica set. Every write is acknowledged by a majority and repeated once by the driver when its answer
 * is lost; every read is the primary's. Throws `UnusableMongoDb`.
 */
export const connectMongo = async (url: string, timeouts: Partial<MongoTimeouts> = {}): Promise<MongoConnection> => {
  const { serverSelectionMs, connectMs, answerMs } = { ...defaults, ...timeouts };
  const options: MongoClientOptions = {
    serverSelectionTimeoutMS: serverSelectionMs,
    connectTimeoutMS: connectMs,
    socketTimeoutMS: 2 * answerMs,
    writeConcern: { w: 'majority' },
    readPreference: 'primary',
    retryWrites: true,
    retryReads: true,
    useBigInt64: true,
    ignoreUndefined: true,
  };
  const client = createClient(url, options);
  const pinging = createClient(url, { ...options, minPoolSize: 1, maxPoolSize: 1 });
  const name = databaseIn(url);
  // Where all connections are taken, a ping waits with the calls that it tells about; the other one may not be back yet.
  const ping = (): Promise<unknown> => Promise.any([client, pinging].map((each) => each.db(name).command({ ping: 1 })));
  const close = async (): Promise<void> => {
    await Promise.all([client.close(), pinging.close()]);
  };
  try {
    await Promise.all([client, pinging].map((each) => requireReplicaSet(each.db(name))));
  } catch (error) {
    await close();
    throw explained(error);
  }
  const main = client.db(name);
  const watch = new HangWatch({ ping, answerMs });
  return {
    main,
    secrets: client.db(`${name}-secrets`),
    watch,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([watch[Symbol.asyncDispose](), close()]);
    },
  };
};
