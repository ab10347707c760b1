import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, type TestContext } from 'vitest';
import { mongoKind, openSearchKind, redisKind, toxiproxyKind } from './kinds.ts';
import { hasContainerEngine } from './container-engine.ts';
import { mongoContainer, openSearchContainer, redisContainer } from './container-kinds.ts';
import { ContainerServer, type ContainerKind } from './container-server.ts';
import { mongoUrl } from './programs.ts';
import type { RunningServer } from './running-server.ts';
import { ServerProcess, type ServerKind } from './server-process.ts';
import { mustHaveServers, skippedFile } from './skipped.ts';

interface Product {
  readonly title: string;
  /** The setting that names a server to test against instead of starting one. */
  readonly setting: string;
  readonly kind: () => ServerKind | undefined;
  /** The real image, used before `kind` where there is a container engine. */
  readonly container?: ContainerKind;
  readonly url: (port: number) => string;
}

const products = {
  redis: {
    title: 'Redis',
    setting: 'PARLEY_TEST_REDIS_URL',
    kind: redisKind,
    container: redisContainer,
    url: (port) => `redis://127.0.0.1:${port}`,
  },
  mongodb: {
    title: 'MongoDB',
    setting: 'PARLEY_TEST_MONGODB_URL',
    kind: mongoKind,
    container: mongoContainer,
    url: (port) => (hasContainerEngine() ? `mongodb://127.0.0.1:${port}/?directConnection=true` : mongoUrl(port)),
  },
  toxiproxy: {
    title: 'Toxiproxy',
    setting: 'PARLEY_TEST_TOXIPROXY_URL',
    kind: toxiproxyKind,
    url: (port) => `http://127.0.0.1:${port}`,
  },
  opensearch: {
    title: 'OpenSearch',
    setting: 'PARLEY_TEST_OPENSEARCH_URL',
    kind: openSearchKind,
    container: openSearchContainer,
    url: (port) => `http://127.0.0.1:${port}`,
  },
} as const satisfies Readonly<Record<string, Product>>;
export type ProductName = keyof typeof products;

/** The server that a suite runs against. */
export interface TestServer {
  readonly url: string;
  /** Its process or container, to be stopped and killed; a test on a server that the environment names is skipped. */
  process(context: TestContext): RunningServer;
}

/** The real image, where there is an engine to run it; else the product, or what speaks like it, as a process. */
const startOwn = ({ kind, container }: Product): Promise<RunningServer> =>
  container && hasContainerEngine() ? ContainerServer.start(container) : ServerProcess.start(kind()!);

const canStart = ({ kind, container }: Product): boolean =>
  (container !== undefined && hasContainerEngine()) || kind() !== undefined;

/** Whether suites that could do without the product may ask for it. */
export const canHave = (name: ProductName): boolean =>
  process.env[products[name].setting] !== undefined || canStart(products[name]);

class StartedServer implements TestServer {
  readonly #product: Product;
  #process: RunningServer | undefined;

  constructor(product: Product) {
    this.#product = product;
  }

  get url(): string {
    const { setting, url } = this.#product;
    const named = process.env[setting];
    if (named !== undefined) return named;
    if (!this.#process) throw new Error('The server has not been started yet');
    return url(this.#process.port);
  }

  process(context: TestContext): RunningServer {
    context.skip(!this.#process, 'the server is not ours to stop');
    return this.#process!;
  }

  async start(): Promise<void> {
    if (process.env[this.#product.setting] !== undefined) return;
    this.#process = await startOwn(this.#product);
  }

  async stop(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}

/**
 * A suite that needs real servers, one of each product, started before it and stopped after it. Where there is none
 * it is left out, and the run says so at its end; where servers are a must it fails.
 */
export const describeWith = <Names extends readonly ProductName[]>(
  names: Names,
  title: string,
  body: (servers: Readonly<Record<Names[number], TestServer>>) => void,
): void => {
  const wanted: readonly Product[] = names.map((name) => products[name]);
  const missing = wanted.filter((product) => process.env[product.setting] === undefined && !canStart(product));
  const reason = missing.map((product) => `no ${product.title} here`).join(', ');
  if (missing.length > 0 && mustHaveServers()) throw new Error(`${title}: ${reason}`);
  if (missing.length > 0) {
    const file = skippedFile();
    if (file !== undefined) appendFileSync(file, `${title}: ${reason}\n`);
  }
  describe.skipIf(missing.length > 0)(title, () => {
    const servers = Object.fromEntries(names.map((name) => [name, new StartedServer(products[name])]));
    beforeAll(async () => {
      await Promise.all(Object.values(servers).map((server) => server.start()));
    });
    afterAll(async () => {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    });
    body(servers as Record<Names[number], StartedServer>);
  });
};
