import { randomUUID } from 'node:crypto';
import { connectMongo, type MongoConnection, type MongoTimeouts } from '../../../adapters/mongodb/connection.ts';
import type { Open } from '../../contract/opened.ts';

const patient: MongoTimeouts = { serverSelectionMs: 1_000, connectMs: 1_000, answerMs: 10_000 };

/** A new database of a server, for one test. */
export const newDatabase = (url: string): string => {
  const named = new URL(url);
  named.pathname = `/test-${randomUUID()}`;
  return named.href;
};

/** A store with a connection of its own, which ends with it. */
export const openOn = async <Store extends AsyncDisposable>(
  url: string,
  create: (connection: MongoConnection) => Store,
  timeouts: Partial<MongoTimeouts> = {},
): Promise<Store> => {
  const connection = await connectMongo(url, { ...patient, ...timeouts });
  const store = create(connection);
  const close = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await close();
    await connection[Symbol.asyncDispose]();
  };
  return store;
};

/** Stores on a new database each, to be opened again. */
export const onNewDatabases =
  <Store extends AsyncDisposable>(
    server: { readonly url: string },
    create: (connection: MongoConnection) => Store,
  ): Open<Store> =>
  async () => {
    const url = newDatabase(server.url);
    return { store: await openOn(url, create), reopen: () => openOn(url, create) };
  };
