import { existsSync } from 'node:fs';

/** A server as its makers publish it, for machines with an engine for containers. */
export interface Image {
  readonly name: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** A path that is answered with 200 once the server works. */
  readonly readyPath: string;
}

export interface Container extends AsyncDisposable {
  /** On this machine. */
  readonly port: number;
}

const startDeadline = 180_000;

/** Whether there seems to be an engine; what it can do is seen when a container is started. */
export const hasEngine = (): boolean => process.env['DOCKER_HOST'] !== undefined || existsSync('/var/run/docker.sock');

/** PARLEY_TEST_CONTAINERS=1 asks for the makers' images also where a server is installed that tests can stop and kill. */
export const prefersContainers = (): boolean => process.env['PARLEY_TEST_CONTAINERS'] === '1' && hasEngine();

export const startContainer = async ({ name, port, environment, readyPath }: Image): Promise<Container> => {
  const { GenericContainer, Wait } = await import('testcontainers');
  const started = await new GenericContainer(name)
    .withEnvironment({ ...environment })
    .withExposedPorts(port)
    .withWaitStrategy(Wait.forHttp(readyPath, port).forStatusCode(200))
    .withStartupTimeout(startDeadline)
    .start();
  return {
    port: started.getMappedPort(port),
    async [Symbol.asyncDispose]() {
      await started.stop();
    },
  };
};
