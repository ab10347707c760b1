import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export interface CliResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs one command of the command line in a process of its own, to its end. */
export const runCli = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> => {
  const child = spawn(process.execPath, [path.join(root, 'app/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
};
