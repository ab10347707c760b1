import { mongoProgram, openSearchProgram, redisProgram, toxiproxyProgram } from './programs.ts';
import { isMongoReady, isOpenSearchReady, isRedisReady } from './readiness.ts';
import type { ServerKind } from './server-process.ts';

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
    // With so small a heap, and a collector that runs only when it is full, it would take garbage for want of memory.
    args: (port, folder) => [folder, `${port}`, 'indices.breaker.total.use_real_memory=false'],
    isReady: isOpenSearchReady,
  };
