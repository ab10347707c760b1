import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';

/** A Chromium without a window, of whatever name it is installed under. */
export const chromium: string | undefined = [
  process.env['PARLEY_CHROMIUM'],
  'chromium-headless-shell',
  'chromium',
  'google-chrome',
].find((name) => name !== undefined && spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

export interface Browser extends AsyncDisposable {
  /** Opens an address in a tab of its own, which can be closed. */
  open(url: string): Promise<() => Promise<void>>;
}

/** A browser of its own, on a profile of its own. */
export const startBrowser = async (program: string): Promise<Browser> => {
  const profile = await mkdtemp(path.join(tmpdir(), 'parley-browser-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  // Tabs that nobody sees are to be as fast as others.
  const awake = ['--disable-background-timer-throttling', '--disable-renderer-backgrounding'];
  const browser = spawn(program, [...options, ...awake, `--user-data-dir=${profile}`], { stdio: 'ignore' });
  await once(browser, 'spawn');
  const portFile = path.join(profile, 'DevToolsActivePort');
  const port = await vi.waitFor(
    async () => {
      const [line = ''] = (await readFile(portFile, 'utf8')).split('\n');
      if (!/^\d+$/.test(line)) throw new Error('The browser does not listen yet');
      return Number(line);
    },
    { timeout: 15_000 },
  );
  const ask = async (method: string, address: string): Promise<Response> => {
    const answer = await fetch(`http://127.0.0.1:${port}/json/${address}`, { method });
    if (!answer.ok) throw new Error(`The browser answers ${answer.status} to ${address}`);
    return answer;
  };
  return {
    async open(url) {
      const { id } = (await (await ask('PUT', `new?${encodeURIComponent(url)}`)).json()) as { readonly id: string };
      return async () => void (await ask('GET', `close/${id}`));
    },
    async [Symbol.asyncDispose]() {
      const ended = once(browser, 'exit');
      if (browser.exitCode === null && browser.kill('SIGKILL')) await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
