import { startParley, type Parley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';

/** Hashing that takes no time: for tests that register hundreds of users. */
export const cheapPasswords = { memoryKiB: 64, passes: 1, parallelism: 1 } as const;

/** A server in this process on a data folder and the servers of its settings, on any free port, without rate limits. */
export const startLocally = (folder: string, env: NodeJS.ProcessEnv = {}): Promise<Parley> =>
  startParley(
    loadConfig({
      DATA_DIR: folder,
      PORT: '0',
      HOST: '127.0.0.1',
      RATE_LIMITS: 'off',
      ACCESS_TOKEN_SECONDS: '86400',
      LOG_LEVEL: 'error',
      ...env,
    }),
    { passwordCost: cheapPasswords },
  );
