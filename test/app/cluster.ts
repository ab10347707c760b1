import path from 'node:path';
import pino from 'pino';
import { startParley, type Parley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { startEventStoreDb } from '../servers/event-store-db.ts';
import type { TestServer } from '../servers/suite.ts';
import { cheapPasswords } from '../support/local-server.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';

/** Where servers are started one after the other, or several at once, on the same data. */
export interface Place extends AsyncDisposable {
  start(): Promise<Parley>;
}

const silent = pino({ level: 'silent' });

/** A data folder: one server at a time. */
export const openFolderPlace = async (): Promise<Place> => {
  const { folder, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  return {
    start: () => startOn({ DATA_DIR: path.join(folder, 'data') }),
    [Symbol.asyncDispose]: () => dispose(),
  };
};

/** EventStoreDB, MongoDB and Redis: several servers at once. */
export const openCluster = async (mongodb: TestServer, redis: TestServer): Promise<Place> => {
  const log = await startEventStoreDb();
  const { folder, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  const env = { EVENTSTOREDB_URL: log.url, MONGODB_URL: newDatabase(mongodb.url), REDIS_URL: redis.url };
  return {
    start: () => startOn({ ...env, DATA_DIR: folder }),
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      await dispose();
    },
  };
};

const startOn = (env: NodeJS.ProcessEnv): Promise<Parley> =>
  startParley(loadConfig({ PORT: '0', RATE_LIMITS: 'off', ...env }), { passwordCost: cheapPasswords, logger: silent });
