import { MongoClient, type Db } from 'mongodb';

export interface MongoTimeouts {
  /** How long to look for a server that takes writes. */
  readonly serverSelectionMs: number;
  readonly connectMs: number;
  /** How long an answer may take. */
  readonly answerMs: number;
}

const defaults: MongoTimeouts = { serverSelectionMs: 2_000, connectMs: 2_000, answerMs: 5_000 };

/** The server that a URL names cannot keep what it must keep. */
export class UnsuitableMongoDb extends Error {
  override readonly name = 'UnsuitableMongoDb';
}

export interface MongoConnection extends AsyncDisposable {
  /** The database that the URL names, `parley` when it names none. */
  readonly main: Db;
  /** Beside it, for keys and credentials, so that it can have other users and other backups. */
  readonly secrets: Db;
}

const databaseIn = (url: string): string => {
  const [, name = ''] = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]*)/.exec(url) ?? [];
  return name === '' ? 'parley' : decodeURIComponent(name);
};

/** Without a replica set a write whose answer is lost cannot be repeated, and a majority means nothing. */
const requireReplicaSet = async (db: Db): Promise<void> => {
  const { setName, msg } = await db.command({ hello: 1 });
  if (setName !== undefined || msg === 'isdbgrid') return;
  throw new UnsuitableMongoDb('MongoDB must run as a replica set, of one member at least');
};

/**
 * Connects to a replica set. Every write is acknowledged by a majority and repeated once by the driver when its answer
 * is lost; every read is the primary's. Throws `UnsuitableMongoDb`.
 */
export const connectMongo = async (url: string, timeouts: Partial<MongoTimeouts> = {}): Promise<MongoConnection> => {
  const { serverSelectionMs, connectMs, answerMs } = { ...defaults, ...timeouts };
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: serverSelectionMs,
    connectTimeoutMS: connectMs,
    socketTimeoutMS: answerMs,
    writeConcern: { w: 'majority' },
    readPreference: 'primary',
    retryWrites: true,
    retryReads: true,
    useBigInt64: true,
    ignoreUndefined: true,
  });
  const name = databaseIn(url);
  try {
    await requireReplicaSet(client.db(name));
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    main: client.db(name),
    secrets: client.db(`${name}-secrets`),
    [Symbol.asyncDispose]: () => client.close(),
  };
};
