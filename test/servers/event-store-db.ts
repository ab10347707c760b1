import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { hasContainerEngine } from './container-engine.ts';
import { eventStoreDbContainer } from './container-kinds.ts';
import { ContainerServer } from './container-server.ts';
import type { RunningServer } from './running-server.ts';
import { freePort } from '../../app/demo/server-process.ts';

const script = path.join(import.meta.dirname, 'eventstoredb/main.ts');
const readyMs = 20_000;
const stopMs = 10_000;

/** A running server that tests can be hard on. */
export interface EventStoreDb extends RunningServer {
  readonly url: string;
}

const urlOf = (port: number): string => `esdb://127.0.0.1:${port}?tls=false`;

const isReady = async (port: number): Promise<boolean> => {
  await using store = new EventStoreDbEventStore({ url: urlOf(port), timeoutMs: 1_000 });
  await store.head();
  return true;
};

class ChildServer implements EventStoreDb {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #errors = '';

  constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
    this.url = urlOf(port);
  }

  async start(): Promise<void> {
    const options = ['--port', `${this.port}`, '--data', path.join(this.#folder, 'data'), '--end-with-stdin'];
    const child = spawn(process.execPath, [script, ...options], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with code ${code}: ${this.#errors}`);
    });
    // Once it is ready, its end is no failure of the start.
    ended.catch(() => undefined);
    await Promise.race([ended, this.#ready()]);
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async freeze(): Promise<void> {
    this.#child?.kill('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thaw();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + readyMs;
    for (;;) {
      try {
        await isReady(this.port);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(20);
      }
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await exited;
    clearTimeout(timer);
  }
}

/** A server of its own, on a fresh folder. Resolves when it answers; rejects at once when its process ends. */
export const startEventStoreDb = async (): Promise<EventStoreDb> => {
  if (hasContainerEngine()) {
    const container = await ContainerServer.start(eventStoreDbContainer(isReady));
    return Object.assign(container, { url: urlOf(container.port) });
  }
  const server = new ChildServer(await freePort(), await mkdtemp(path.join(tmpdir(), 'parley-esdb-')));
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
};
