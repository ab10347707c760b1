import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';

export const isRedisReady = async (port: number): Promise<boolean> => {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: null, connectTimeout: 1_000 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
};

export const isMongoReady = async (port: number): Promise<boolean> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
    connectTimeoutMS: 500,
  });
  try {
    const answer = await client.db('admin').command({ ping: 1 });
    return answer['ok'] === 1;
  } finally {
    await client.close();
  }
};

export const isOpenSearchReady = async (port: number): Promise<boolean> => {
  const health = `http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=1s`;
  return (await fetch(health, { signal: AbortSignal.timeout(2_000) })).ok;
};
