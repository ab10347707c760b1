import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createOperationsServer } from '../api/operations-server.ts';
import { operations, type OperationsOptions } from '../api/operations.ts';
import { createServer, type BoundRoutes, type ServerOptions } from '../api/server.ts';
import { closeServer } from './close-server.ts';
import type { Config } from './config.ts';

export interface ListenOptions extends Pick<ServerOptions, 'authenticator' | 'limiter' | 'observe'> {
  readonly config: Pick<Config, 'host' | 'port' | 'opsPort' | 'roles' | 'trustedProxies' | 'corsOrigins'>;
  readonly logger: Logger;
  readonly ops: OperationsOptions;
  readonly routes: readonly BoundRoutes[];
}

/** The servers of one process, ready but not listening yet. */
export interface Listening extends AsyncDisposable {
  /** Clients come here; a process that none comes to has only operations. */
  readonly main: FastifyInstance;
  /** Resolves once everything is reached, with the addresses. */
  listen(): Promise<{ readonly url: string; readonly opsUrl: string; readonly port: number }>;
}

/** Health and metrics are beside what clients ask, unless they have a port of their own. */
export const createListening = async (options: ListenOptions): Promise<Listening> => {
  const { config, logger, ops } = options;
  const { host, port, opsPort } = config;
  await using creating = new AsyncDisposableStack();
  const opened = (server: FastifyInstance): FastifyInstance => {
    creating.defer(() => closeServer(server));
    return server;
  };
  const isForClients = config.roles.some((role) => role === 'api' || role === 'realtime');
  const hasOpsPort = opsPort !== undefined;
  const main = isForClients
    ? opened(
        await createServer({
          ...options,
          trustedProxies: config.trustedProxies,
          corsOrigins: config.corsOrigins,
          operations: hasOpsPort ? undefined : operations(ops),
        }),
      )
    : undefined;
  const apart = hasOpsPort || main === undefined ? opened(await createOperationsServer({ ...ops, logger })) : undefined;
  const created = creating.move();
  return {
    main: main ?? apart!,
    async listen() {
      const opsUrl = await apart?.listen({ port: opsPort ?? port, host });
      const url = (await main?.listen({ port, host })) ?? opsUrl!;
      const address = (main ?? apart!).server.address() as AddressInfo;
      return { url, opsUrl: opsUrl ?? url, port: address.port };
    },
    [Symbol.asyncDispose]: () => created.disposeAsync(),
  };
};
