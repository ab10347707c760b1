import path from 'node:path';
import pino from 'pino';
import { startParley, type Overrides, type Parley } from '../../../app/compose.ts';
import { loadConfig } from '../../../app/config.ts';
import { temporaryFolder } from '../../../app/demo/server-process.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';

const cheap = { memoryKiB: 8, passes: 1, parallelism: 1 };

/** A real server that can be stopped and started again on its folder, reached at one address by way of a proxy. */
export class ChatServer implements AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly logged: string[] = [];
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #overrides: Partial<Overrides>;
  readonly #opened: AsyncDisposableStack;
  #parley: Parley | undefined;

  private constructor(
    folder: string,
    proxy: TcpProxy,
    opened: AsyncDisposableStack,
    env: NodeJS.ProcessEnv,
    overrides: Partial<Overrides>,
  ) {
    this.#folder = folder;
    this.#env = env;
    this.#overrides = overrides;
    this.proxy = proxy;
    this.#opened = opened;
  }

  static async start(env: NodeJS.ProcessEnv = {}, overrides: Partial<Overrides> = {}): Promise<ChatServer> {
    await using opening = new AsyncDisposableStack();
    const { folder } = opening.use(await temporaryFolder());
    const proxy = opening.use(await TcpProxy.open());
    const server = new ChatServer(folder, proxy, opening.move(), env, overrides);
    await server.start();
    return server;
  }

  /** What clients are given. */
  get origin(): string {
    return this.proxy.origin;
  }

  /** Past the proxy, for what must not fail. */
  get direct(): string {
    if (this.#parley === undefined) throw new Error('The server is not running');
    return this.#parley.url;
  }

  async start(): Promise<void> {
    const logger = pino({ level: 'warn' }, { write: (line: string) => void this.logged.push(line) });
    const env = { PORT: '0', DATA_DIR: path.join(this.#folder, 'data'), RATE_LIMITS: 'off', ...this.#env };
    this.#parley = await startParley(loadConfig(env), { passwordCost: cheap, ...this.#overrides, logger });
    this.proxy.target = Number(new URL(this.#parley.url).port);
  }

  async stop(): Promise<void> {
    this.proxy.target = undefined;
    const parley = this.#parley;
    this.#parley = undefined;
    await parley?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#opened.disposeAsync();
  }
}
