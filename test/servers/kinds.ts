import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { mongoProgram, openSearchProgram, redisProgram, toxiproxyProgram } from './programs.ts';
import type { ServerKind } from './server-process.ts';

const isRedisReady = async (port: number): Promise<boolean> => {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: null, connectTimeout: 1_000 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
};

const isMongoReady = async (port: number): Promise<boolean> => {
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

export const redisKind = (): ServerKind | undefined => {
  const program = redisProgram();
  return (
    program && {
      name: 'redis',
      program,
      args: (port, folder) => [
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'yes',
        '--dir',
        folder,
      ],
      isReady: isRedisReady,
    }
  );
};

export const mongoKind = (): ServerKind | undefined => {
  const program = mongoProgram();
  return (
    program && {
      name: 'mongodb',
      program,
      // Without --sync-on-commit it loses acknowledged writes when killed, which MongoDB does not.
      args: (port, folder) =>
        `--host 127.0.0.1 --port ${port} --sync-on-commit --cache-size 256M`
          .split(' ')
          .concat('--storage-path', `${folder}/data`),
      isReady: isMongoReady,
    }
  );
};

export const toxiproxyKind = (): ServerKind | undefined => {
  const program = toxiproxyProgram();
  return (
    program && {
      name: 'toxiproxy',
      program,
      args: (port) => ['-host', '127.0.0.1', '-port', `${port}`],
      isReady: async (port) => (await fetch(`http://127.0.0.1:${port}/version`)).ok,
    }
  );
};

export const openSearchKind = (program = openSearchProgram()): ServerKind | undefined =>
  program && {
    name: 'opensearch',
    program,
    args: (port, folder) => [folder, `${port}`],
    isReady: async (port) => {
      const health = `http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=1s`;
      return (await fetch(health, { signal: AbortSignal.timeout(2_000) })).ok;
    },
  };
