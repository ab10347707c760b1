import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, type TestContext } from 'vitest';
import { hasEngine, prefersContainers, startContainer, type Container, type Image } from './container.ts';
import { mongoKind, openSearchKind, redisKind, toxiproxyKind } from './kinds.ts';
import { mongoUrl, versions } from './programs.ts';
import { ServerProcess, type ServerKind } from './server-process.ts';
import { mustHaveServers, skippedFile } from './skipped.ts';

interface Product {
  readonly title: string;
  /** The setting that names a server to test against instead of starting one. */
  readonly setting: string;
  readonly kind: () => ServerKind | undefined;
  readonly url: (port: number) => string;
  /** What runs in a container instead where no such server is installed. */
  readonly image?: Image;
}

const products = {
  redis: {
    title: 'Redis',
    setting: 'PARLEY_TEST_REDIS_URL',
    kind: redisKind,
    url: (port) => `redis://127.0.0.1:${port}`,
  },
  mongodb: {
    title: 'MongoDB',
    setting: 'PARLEY_TEST_MONGODB_URL',
    kind: mongoKind,
    url: mongoUrl,
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
    url: (port) => `http://127.0.0.1:${port}`,
    image: {
      name: `opensearchproject/opensearch:${versions.openSearch.version}`,
      port: 9200,
      environment: {
        'discovery.type': 'single-node',
        DISABLE_SECURITY_PLUGIN: 'true',
        DISABLE_INSTALL_DEMO_CONFIG: 'true',
        OPENSEARCH_JAVA_OPTS: '-Xms512m -Xmx512m',
      },
      readyPath: '/_cluster/health?wait_for_status=yellow&timeout=1s',
    },
  },
} as const satisfies Readonly<Record<string, Product>>;
export type ProductName = keyof typeof products;

/** The server that a suite runs against. */
export interface TestServer {
  readonly url: string;
  /** Its process, to be stopped and killed; a test on a server that the environment names is skipped. */
  process(context: TestContext): ServerProcess;
}

/** An image may have to be fetched. */
const longestStart = 300_000;

/** The image to run of a product; undefined where it runs as a process. */
const imageFor = ({ image, kind }: Product): Image | undefined =>
  image !== undefined && (prefersContainers() || (kind() === undefined && hasEngine())) ? image : undefined;

class StartedServer implements TestServer {
  readonly #product: Product;
  #process: ServerProcess | undefined;
  #container: Container | undefined;

  constructor(product: Product) {
    this.#product = product;
  }

  get url(): string {
    const { setting, url } = this.#product;
    const named = process.env[setting];
    if (named !== undefined) return named;
    const started = this.#process ?? this.#container;
    if (!started) throw new Error('The server has not been started yet');
    return url(started.port);
  }

  process(context: TestContext): ServerProcess {
    context.skip(!this.#process, 'the server is not ours to stop');
    return this.#process!;
  }

  async start(): Promise<void> {
    if (process.env[this.#product.setting] !== undefined) return;
    const image = imageFor(this.#product);
    if (image) this.#container = await startContainer(image);
    else this.#process = await ServerProcess.start(this.#product.kind()!);
  }

  async stop(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await this.#container?.[Symbol.asyncDispose]();
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
  const missing = wanted.filter(
    (product) => process.env[product.setting] === undefined && !product.kind() && !imageFor(product),
  );
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
    }, longestStart);
    afterAll(async () => {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    });
    body(servers as Record<Names[number], StartedServer>);
  });
};
