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
  await using starting = new AsyncDisposableStack();
  const profile = await mkdtemp(path.join(tmpdir(), 'parley-browser-'));
  starting.defer(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  // Tabs that nobody sees are to be as fast as others.
  const awake = ['--disable-background-timer-throttling', '--disable-renderer-backgrounding'];
  const settings = [...options, ...awake, `--user-data-dir=${profile}`];
  // A group of its own: what is started may be a script, and the browser its child.
  const browser = spawn(program, settings, { stdio: 'ignore', detached: true });
  const ended = once(browser, 'exit');
  await once(browser, 'spawn');
  starting.defer(async () => {
    if (browser.exitCode === null && browser.signalCode === null) process.kill(-browser.pid!, 'SIGKILL');
    await ended;
  });
  const port = await vi.waitFor(() => portIn(profile), { timeout: 15_000 });
  const ask = async (method: string, address: string): Promise<Response> => {
    const answer = await fetch(`http://127.0.0.1:${port}/json/${address}`, { method });
    if (!answer.ok) throw new Error(`The browser answers ${answer.status} to ${address}`);
    return answer;
  };
  const started = starting.move();
  return {
    async open(url) {
      const { id } = (await (await ask('PUT', `new?${encodeURIComponent(url)}`)).json()) as { readonly id: string };
      return async () => void (await ask('GET', `close/${id}`));
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
};

/** Where the browser of a profile is told what to do. */
const portIn = async (profile: string): Promise<number> => {
  const [line = ''] = (await readFile(path.join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
  if (!/^\d+$/.test(line)) throw new Error('The browser does not listen yet');
  return Number(line);
};
