import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../app/demo/server-process.ts';
import type { Program } from './programs.ts';
import type { ReadinessProbe, RunningServer } from './running-server.ts';

export interface ServerKind {
  readonly name: string;
  readonly program: Program;
  readonly args: (port: number, folder: string) => readonly string[];
  readonly isReady: ReadinessProbe;
  /** It ends when its standard input does, and so with the process that has started it, however that ends. */
  readonly endsWithInput?: boolean;
}

const startDeadline = 30_000;
const stopDeadline = 10_000;

/** Whether each of its threads has stopped, or ended, which is some time after the signal. True where nothing tells. */
const isStopped = async (pid: number | undefined): Promise<boolean> => {
  if (pid === undefined) return true;
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch((): readonly string[] => []);
  const stats = await Promise.all(
    threads.map((thread) => readFile(path.join(folder, thread, 'stat'), 'utf8').catch(() => undefined)),
  );
  return stats.every((stat) => stat === undefined || /\) [TZX] [^)]*$/.test(stat));
};

/** A real server in a process of its own, on a free port and a new data folder, to be stopped and started again. */
export class ServerProcess implements RunningServer {
  readonly port: number;
  readonly #kind: ServerKind;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(kind: ServerKind, port: number, folder: string) {
    this.#kind = kind;
    this.port = port;
    this.#folder = folder;
  }

  static async start(kind: ServerKind): Promise<ServerProcess> {
    const folder = await mkdtemp(path.join(tmpdir(), `parley-${kind.name}-`));
    const server = new ServerProcess(kind, await freePort(), folder);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  async start(): Promise<void> {
    if (this.isRunning) return;
    const { program, args, isReady, name, endsWithInput = false } = this.#kind;
    const log = openSync(this.#log, 'a');
    const child = spawn(program.command, [...program.args, ...args(this.port, this.#folder)], {
      stdio: [endsWithInput ? 'pipe' : 'ignore', log, log],
      cwd: this.#folder,
    });
    closeSync(log);
    this.#child = child;
    let failure: unknown;
    child.once('error', (error) => {
      failure = error;
    });
    const deadline = performance.now() + startDeadline;
    for (;;) {
      if (failure !== undefined || !this.isRunning) throw this.#ended(`${name} ended before it answered`, failure);
      if (await isReady(this.port).catch(() => false)) return;
      if (performance.now() > deadline) throw this.#ended(`${name} does not answer`, failure);
      await pause(10);
    }
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  async stop(withinMs = stopDeadline): Promise<void> {
    const force = setTimeout(() => this.#child?.kill('SIGKILL'), withinMs);
    await this.#end('SIGTERM');
    clearTimeout(force);
  }

  kill9(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async freeze(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    while (!(await isStopped(this.#child?.pid))) await pause(1);
  }

  async thaw(): Promise<void> {
    this.#child?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thaw();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #log(): string {
    return path.join(this.#folder, 'server.log');
  }

  #ended(message: string, cause: unknown): Error {
    const log = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').slice(-2_000) : '';
    return new Error(`${message}\n${log}`, { cause });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#child!, 'exit');
    this.#child!.kill(signal);
    await ended;
  }
}
