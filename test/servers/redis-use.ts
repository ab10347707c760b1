import { Redis } from 'ioredis';

export interface RedisUse {
  /** Of its processor, since it started. */
  readonly seconds: number;
  /** That it was sent. */
  readonly bytes: number;
}

const numberIn = (info: string, name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]);

/** What a Redis has used so far, by its own word. */
export const redisUse = async (port: number): Promise<RedisUse> => {
  const redis = new Redis(port, '127.0.0.1');
  try {
    const info = await redis.info();
    const seconds = numberIn(info, 'used_cpu_user') + numberIn(info, 'used_cpu_sys');
    return { seconds, bytes: numberIn(info, 'total_net_input_bytes') };
  } finally {
    redis.disconnect();
  }
};
