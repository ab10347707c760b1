import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findContainerEngine } from './container-engine.ts';
import { images } from './container-kinds.ts';
import { nameSkippedFile } from './skipped.ts';

/** Before all tests; what it returns runs after them and has the last word. */
export const setup = async (): Promise<() => void> => {
  await findContainerEngine(Object.values(images));
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-skipped-'));
  const file = path.join(folder, 'suites');
  nameSkippedFile(file);
  return () => {
    const suites = existsSync(file) ? [...new Set(readFileSync(file, 'utf8').trimEnd().split('\n'))].toSorted() : [];
    rmSync(folder, { recursive: true, force: true });
    if (suites.length === 0) return;
    console.log(['\nThese suites did not run:', ...suites.map((suite) => `  ${suite}`)].join('\n'));
    console.log('`npx node test/servers/install.ts` installs the servers that this machine can have.\n');
  };
};
