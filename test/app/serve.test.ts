import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { clientOf } from '../api/accounts-client.ts';
import { Client } from '../realtime/support/client.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** `parley serve` in a process of its own. */
const serve = (env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [path.join(root, 'app/main.ts'), 'serve'], {
    env: { ...process.env, PORT: '0', RATE_LIMITS: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    ended,
    url: async (): Promise<string> =>
      expect
        .poll(() => output, { timeout: 10_000 })
        .toMatch(/Parley listens on http:/)
        .then(() => /Parley listens on (http:[^"]+)/.exec(output)?.[1] ?? ''),
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    async end(signal: NodeJS.Signals) {
      child.kill(signal);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

test('says where it listens, and ends in good order when it is asked to', async () => {
  await using folder = await temporaryFolder();
  await using server = serve({ DATA_DIR: folder.folder });
  const answer = await fetch(`${await server.url()}/healthz`);
  expect(answer.status).toBe(200);
  expect(await server.end('SIGTERM')).toBe(0);
  expect(server.output()).toContain('"msg":"stopped"');
});

test('a folder whose server was killed is taken over, with all that was in it', async () => {
  await using folder = await temporaryFolder();
  await using first = serve({ DATA_DIR: folder.folder });
  const joined = await clientOf(await first.url()).join();
  await first.end('SIGKILL');
  await using second = serve({ DATA_DIR: folder.folder });
  const client = clientOf(await second.url());
  expect((await client.ask('GET', '/me', { token: joined.accessToken })).json).toMatchObject(joined.user);
});

test('a folder that is in use, a port that is taken and a wrong setting end it with one line that says so', async () => {
  await using folder = await temporaryFolder();
  await using other = await temporaryFolder();
  await using running = serve({ DATA_DIR: folder.folder });
  const { port } = new URL(await running.url());

  await using sameFolder = serve({ DATA_DIR: folder.folder });
  expect(await sameFolder.ended).toBe(1);
  expect(sameFolder.output()).toMatch(/^The data folder .* is in use by another server\..*\n$/);

  await using samePort = serve({ DATA_DIR: other.folder, PORT: port });
  expect(await samePort.ended).toBe(1);
  expect(samePort.output()).toMatch(/^listen EADDRINUSE.*Choose another PORT\.\n$/);

  await using wrong = serve({ DATA_DIR: other.folder, S3_URL: 'http://127.0.0.1' });
  expect(await wrong.ended).toBe(1);
  expect(wrong.output()).toMatch(/^Bad configuration: S3_URL is set.*\n$/);
}, 60_000);

test('a server that does not answer is waited for, with a line that says so, and given up when told to end', async () => {
  await using folder = await temporaryFolder();
  await using away = serve({ DATA_DIR: folder.folder, MONGODB_URL: 'mongodb://ann:secret@127.0.0.1:1/chat' });
  await expect.poll(() => away.output(), { timeout: 15_000 }).toContain('Waiting for servers');
  expect(away.output()).toMatch(/MONGODB_URL: MongoDB cannot be reached: [^"]*127\.0\.0\.1:1/);
  expect(away.output()).not.toContain('secret');
  expect(await away.end('SIGTERM')).toBe(0);
});

test('told to end, it is not ready any more and closes its sockets over the seconds given, and at once when told twice', async () => {
  await using folder = await temporaryFolder();
  await using server = serve({ DATA_DIR: folder.folder, DRAIN_SECONDS: '3600' });
  const url = await server.url();
  const { accessToken: token } = await clientOf(url).join();
  using socket = await Client.ready({ url: `${url.replace('http', 'ws')}/v1/realtime` }, { token });
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
  server.signal('SIGTERM');
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
  expect(await (await fetch(`${url}/readyz`)).text()).toContain('the server is shutting down');
  expect(await socket.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
  expect(await server.end('SIGTERM')).toBe(0);
  expect((await socket.closed).code).toBe(1001);
});
