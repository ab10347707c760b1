import { setTimeout as pause } from 'node:timers/promises';
import { GenericContainer, getContainerRuntimeClient, Wait, type StartedTestContainer } from 'testcontainers';
import { freePort } from '../../app/demo/server-process.ts';
import type { ReadinessProbe, RunningServer } from './running-server.ts';

/** What a server is as a container. */
export interface ContainerKind {
  readonly image: string;
  /** Inside the container. */
  readonly port: number;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly isReady: ReadinessProbe;
}

const readyMs = 120_000;

/** A real server in a container, on a port of this machine that stays its own. */
export class ContainerServer implements RunningServer {
  readonly port: number;
  readonly #kind: ContainerKind;
  readonly #container: StartedTestContainer;

  private constructor(kind: ContainerKind, port: number, container: StartedTestContainer) {
    this.#kind = kind;
    this.port = port;
    this.#container = container;
  }

  static async start(kind: ContainerKind): Promise<ContainerServer> {
    const port = await freePort();
    const container = new GenericContainer(kind.image)
      .withExposedPorts({ container: kind.port, host: port })
      .withEnvironment({ ...kind.environment })
      // Whether it works is asked below, in the product's own words; images without a shell can be asked no other way.
      .withWaitStrategy(Wait.forAll([]))
      .withStartupTimeout(readyMs);
    if (kind.command) container.withCommand([...kind.command]);
    const server = new ContainerServer(kind, port, await container.start());
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  async start(): Promise<void> {
    if (await this.#isRunning()) return;
    await (await this.#engineContainer()).start();
    await this.#ready();
  }

  async stop(): Promise<void> {
    if (await this.#isRunning()) await (await this.#engineContainer()).stop({ t: 10 });
  }

  async kill9(): Promise<void> {
    const container = await this.#engineContainer();
    if (!(await this.#isRunning())) return;
    await container.kill({ signal: 'SIGKILL' });
    await container.wait();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async freeze(): Promise<void> {
    await (await this.#engineContainer()).pause();
  }

  async thaw(): Promise<void> {
    await (await this.#engineContainer()).unpause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.stop();
  }

  async #engineContainer() {
    const { container } = await getContainerRuntimeClient();
    return container.getById(this.#container.getId());
  }

  async #isRunning(): Promise<boolean> {
    const { State } = await (await this.#engineContainer()).inspect();
    return State.Running;
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + readyMs;
    while (!(await this.#kind.isReady(this.port).catch(() => false))) {
      if (!(await this.#isRunning())) throw new Error(`${this.#kind.image} ended before it answered`);
      if (performance.now() > deadline) throw new Error(`${this.#kind.image} does not answer`);
      await pause(50);
    }
  }
}
