import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../..');

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('The probe has no port');
  return address.port;
};

/** A fresh folder that goes away with the scope. */
export const temporaryFolder = async (): Promise<AsyncDisposable & { readonly folder: string }> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
};

/** The real server in a process of its own, on one folder and one port, to be killed and started again. */
export class ServerProcess implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(folder: string, port: number, environment: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.port = port;
    this.#environment = {
      ...process.env,
      RATE_LIMITS: 'off',
      ACCESS_TOKEN_SECONDS: '86400',
      LOG_LEVEL: 'info',
      DRAIN_SECONDS: '0',
      ...environment,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: folder,
    };
  }

  static async start(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(folder, await freePort(), environment);
    await server.start();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything it has written so far, over all its lives. */
  get output(): string {
    return this.#output;
  }

  /** Resolves once it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [path.join(root, 'app/main.ts'), 'serve'], {
      cwd: root,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
      });
    }
    for (;;) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}\n${this.#output}`);
      if (await this.#answers('/healthz')) return;
      await pause(25);
    }
  }

  /** Whether `/readyz` says that nothing is parked or far behind. */
  isReady(): Promise<boolean> {
    return this.#answers('/readyz');
  }

  async #answers(address: string): Promise<boolean> {
    try {
      const answer = await fetch(`${this.origin}${address}`, { signal: AbortSignal.timeout(2_000) });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Ends it without a chance to tidy up. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Keeps it from running, with all connections open, until `thaw`. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Asks it to end, and waits until it has. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
  }
}
