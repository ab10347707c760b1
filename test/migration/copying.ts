import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { SqliteLogCopy } from '../../adapters/sqlite/log-copy.ts';
import { loadConfig } from '../../app/config.ts';
import { migrate } from '../../app/migration/migrate.ts';
import type { RecordedEvent } from '../../ports/event-store.ts';

export type Environment = Readonly<Record<string, string>>;

const main = path.resolve(import.meta.dirname, '../../app/main.ts');

/** A data folder with this log in it. */
export const writeLog = async (folder: string, log: readonly RecordedEvent[]): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await using copy = new SqliteLogCopy(path.join(folder, 'events.db'));
  await copy.restore(log);
};

/** Everything about an event but where it stands in the log. */
export const textOf = ({ stream, revision, id, type, data, metadata, recordedAt }: RecordedEvent): string =>
  JSON.stringify([stream, revision, id, type, data, metadata, recordedAt]);

/** Starts a command and kills it as soon as something holds. */
export const killAt = async (
  args: readonly string[],
  env: Environment,
  isTime: (output: string) => Promise<boolean>,
): Promise<void> => {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(child, 'close');
  await expect.poll(() => isTime(output), { timeout: 50_000, interval: 15 }).toBe(true);
  child.kill('SIGKILL');
  await ended;
};

/** Migrates in this process. */
export const migrateHere = (to: 'server' | 'embedded', folder: string, env: Environment) =>
  migrate({
    config: loadConfig({ DATA_DIR: folder, ...env }),
    to,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
