import { EventStoreUnavailable } from '../../ports/event-store.ts';
import type { ServerCheck } from '../../ports/server-check.ts';
import { Connection, partsOf } from './connection.ts';
import { EventStoreDbEventStore } from './event-store.ts';
import { isOfType } from './failures.ts';

const oldest = [23, 10] as const;

const isTooOld = (version: string): boolean => {
  const [major, minor] = version.split('.').map(Number);
  if (major === undefined || minor === undefined || Number.isNaN(major + minor)) return false;
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
};

const versionOf = async (url: string): Promise<string | undefined> => {
  await using connection = new Connection(url);
  const { serverVersion } = await partsOf(connection.client).capabilities;
  return /^\d/.test(serverVersion) ? serverVersion : undefined;
};

/** Whether the event log could be kept there now. */
export const checkEventStoreDb = async (url: string): Promise<ServerCheck> => {
  try {
    await using events = new EventStoreDbEventStore({ url });
    await events.head();
    const version = await versionOf(url);
    const problem =
      version !== undefined && isTooOld(version)
        ? `EventStoreDB is older than ${oldest.join('.')}, which is the least`
        : undefined;
    return { version, problem, isAway: false };
  } catch (error) {
    const { cause } = error as Error;
    if (isOfType(cause, 'access-denied')) {
      const problem = 'EventStoreDB does not accept the user or the password of the URL';
      return { version: undefined, problem, isAway: false };
    }
    if (!(error instanceof EventStoreUnavailable)) throw error;
    return { version: undefined, problem: 'EventStoreDB cannot be reached', isAway: true };
  }
};
