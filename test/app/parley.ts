import path from 'node:path';
import pino from 'pino';
import { startParley, type Overrides, type Parley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';

export interface TestParley extends AsyncDisposable {
  readonly parley: Parley;
  readonly folder: string;
  readonly logged: readonly string[];
  /** Moves the server's clock. */
  pass(ms: number): void;
}

/** As small as argon2id goes: tests are about what happens, not about how long it takes. */
const cheap = { memoryKiB: 8, passes: 1, parallelism: 1 };

/** A real server in this process, on a folder of its own and any free port. Rate limits are off unless asked for. */
export const openParley = async (
  env: NodeJS.ProcessEnv = {},
  overrides: Omit<Overrides, 'clock' | 'logger'> = {},
): Promise<TestParley> => {
  await using opening = new AsyncDisposableStack();
  const { folder } = opening.use(await temporaryFolder());
  const config = loadConfig({ PORT: '0', DATA_DIR: path.join(folder, 'data'), RATE_LIMITS: 'off', ...env });
  const logged: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  let passed = 0;
  const clock = (): number => Date.now() + passed;
  const parley = opening.use(await startParley(config, { passwordCost: cheap, ...overrides, clock, logger }));
  const opened = opening.move();
  return {
    parley,
    folder: config.dataDir,
    logged,
    pass: (ms) => {
      passed += ms;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};
