import type { RedisClient, RedisQueueBackend } from 'bullmq';

/** Scripts for what BullMQ's own client has no command for. */
const scripts = {
  parleyFailingAdd: `return redis.call('zadd', KEYS[1], ARGV[1], ARGV[2])`,
  parleyFailingRemove: `return redis.call('zrem', KEYS[1], ARGV[1])`,
} as const;

type Backend = Pick<RedisQueueBackend, 'client' | 'toKey'>;

const known = new WeakSet<RedisClient>();

const run = async (backend: Backend, script: keyof typeof scripts, ...args: unknown[]): Promise<void> => {
  const redis = await backend.client;
  if (!known.has(redis)) {
    for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys: 1, lua });
    known.add(redis);
  }
  await redis.runCommand(script, [backend.toKey('failing'), ...args]);
};

/** Keys of the jobs that fail and are tried again, by when that began: BullMQ keeps them among all that wait. */
export const failingJobs = (backend: Backend) => ({
  /** To be called once the job itself says that it fails: what it does not say nobody would take out again. */
  add: (key: string, since: number): Promise<void> => run(backend, 'parleyFailingAdd', since, key),

  /** To be called before the job itself says that it does not fail any more. */
  remove: (key: string): Promise<void> => run(backend, 'parleyFailingRemove', key),

  async count(): Promise<number> {
    return await (await backend.client).zcard(backend.toKey('failing'));
  },

  /** Those that have failed longest. */
  async first(limit: number): Promise<readonly string[]> {
    return await (await backend.client).zrange(backend.toKey('failing'), 0, limit - 1);
  },
});
