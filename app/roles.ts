import type { Config } from './config.ts';

/**
 * What a process does: `api` answers REST, `realtime` serves sockets, `projector` keeps the read models up to date,
 * `worker` reacts to events and runs jobs, `relay` publishes the log to processes that do not read it.
 */
export const roles = ['api', 'realtime', 'projector', 'worker', 'relay'] as const;
export type Role = (typeof roles)[number];

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);

/** What one process has to do that does everything; it reads the log itself, and needs no relay. */
export const allThatOneNeeds: readonly Role[] = ['api', 'realtime', 'projector', 'worker'];

/** What several processes must share; where one of these is in the data folder, one process does it all. */
const shared = {
  eventStoreDbUrl: 'EVENTSTOREDB_URL',
  mongoDbUrl: 'MONGODB_URL',
} as const satisfies Partial<Record<keyof Config, string>>;

/** Settings without which the roles cannot be split. */
export const missingForSplit = (config: Pick<Config, keyof typeof shared>): readonly string[] =>
  Object.entries(shared)
    .filter(([setting]) => config[setting as keyof typeof shared] === undefined)
    .map(([, name]) => name);

/** Whether several processes may work on the same: none has a log or read models of its own, in a folder for it alone. */
export const mayBeShared = (config: Pick<Config, keyof typeof shared>): boolean => missingForSplit(config).length === 0;

/** Whether a process gets events from relays, where there are any: what it is there for needs few of all events. */
export const takesFromRelays = (config: Pick<Config, keyof typeof shared | 'redisUrl' | 'roles'>): boolean =>
  mayBeShared(config) &&
  config.redisUrl !== undefined &&
  config.roles.every((role) => role === 'api' || role === 'realtime');
