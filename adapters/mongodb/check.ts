import { MongoServerError } from 'mongodb';
import type { ServerCheck } from '../../ports/server-check.ts';
import { connectMongo, MongoDbAway, UnusableMongoDb } from './connection.ts';

const wrongCredentials = 18;
const notAllowed = 13;

const problemOf = (error: unknown): string => {
  if (error instanceof UnusableMongoDb) return error.message;
  if (!(error instanceof MongoServerError)) return 'MongoDB cannot be asked';
  if (error.code === wrongCredentials) return 'MongoDB does not accept the user or the password of the URL';
  if (error.code === notAllowed) return 'MongoDB does not let the user of the URL do what is needed';
  return `MongoDB refuses: ${error.codeName ?? String(error.code)}`;
};

/** Whether documents could be kept there now. */
export const checkMongo = async (url: string): Promise<ServerCheck> => {
  try {
    await using connection = await connectMongo(url);
    // What needs a right: a URL without its user is let in and may do nothing.
    await connection.main.listCollections({}, { nameOnly: true }).toArray();
    const { version } = (await connection.main.command({ buildInfo: 1 })) as { readonly version?: string };
    return { version, problem: undefined, isAway: false };
  } catch (error) {
    return { version: undefined, problem: problemOf(error), isAway: error instanceof MongoDbAway };
  }
};
