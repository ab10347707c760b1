import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A Chromium without a window, of whatever name it is installed under. */
export const chromium: string | undefined = [
  process.env['PARLEY_CHROMIUM'],
  'chromium-headless-shell',
  'chromium',
  'google-chrome',
].find((name) => name !== undefined && spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

/** Opens an address in a browser of its own, on a profile of its own. */
export const browse = async (program: string, url: string): Promise<AsyncDisposable> => {
  const profile = await mkdtemp(path.join(tmpdir(), 'parley-browser-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  const browser = spawn(program, [...options, `--user-data-dir=${profile}`, url], { stdio: 'ignore' });
  await once(browser, 'spawn');
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(browser, 'exit');
      if (browser.exitCode === null && browser.kill('SIGKILL')) await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
