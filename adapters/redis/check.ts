import { ReplyError } from 'ioredis';
import type { ServerCheck } from '../../ports/server-check.ts';
import { connectRedis } from './connection.ts';

const problemOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : '';
  if (/^(NOAUTH|WRONGPASS)/.test(message)) return 'Redis does not accept the user or the password of the URL';
  if (error instanceof ReplyError) return `Redis refuses: ${message.split(' ', 1)[0]}`;
  return 'Redis cannot be reached';
};

/** Whether counts and messages could go there now. */
export const checkRedis = async (url: string): Promise<ServerCheck> => {
  const redis = connectRedis(url);
  try {
    const info = await redis.info();
    const version = /^redis_version:(\S+)/m.exec(info)?.[1];
    const isReplica = /^role:slave/m.test(info);
    const problem = isReplica ? 'Redis is a replica there, and takes no writes' : undefined;
    return { version, problem, isAway: false };
  } catch (error) {
    return { version: undefined, problem: problemOf(error), isAway: !(error instanceof ReplyError) };
  } finally {
    redis.disconnect();
  }
};
