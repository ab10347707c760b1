import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createOperationsServer } from '../api/operations-server.ts';
import { operations } from '../api/operations.ts';
import { createServer } from '../api/server.ts';
import { v1, type Services } from '../api/v1.ts';
import type { Clock } from '../ports/clock.ts';
import { eraseMembers } from '../reactions/erase-members.ts';
import { ReactionRunner } from '../reactions/runner.ts';
import { attachGateway, type Gateway } from '../realtime/gateway.ts';
import type { RealtimeSettings } from '../realtime/settings.ts';
import type { Authenticator } from '../services/caller.ts';
import type { PasswordCost } from '../services/passwords.ts';
import { closeServer } from './close-server.ts';
import type { Config } from './config.ts';
import { startCore, type Core } from './core.ts';
import { countAppends } from './counted-events.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { openPorts, type Ports } from './ports.ts';
import { judgeReadiness } from './readiness.ts';
import { createServices } from './services.ts';

/** What a program that starts the server in its own process may want otherwise. */
export interface Overrides {
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly passwordCost?: PasswordCost;
  readonly realtime?: Partial<RealtimeSettings>;
}

/** A running server. Disposing it ends it in good order: sockets are told to come back, requests are answered. */
export interface Parley extends Core, AsyncDisposable {
  /** Where it listens: `http://host:port`. */
  readonly url: string;
  readonly port: number;
  /** Where health and metrics are; the same as `url` unless they have a port of their own. */
  readonly opsUrl: string;
  readonly config: Config;
  readonly ports: Ports;
  readonly services: Services & { readonly authenticator: Authenticator };
  readonly gateway: Gateway;
}

/** Starts the whole server on its data folder. Resolves once it listens. */
export const startParley = async (config: Config, overrides: Overrides = {}): Promise<Parley> => {
  const { clock = Date.now, logger = createLogger(config.logLevel), passwordCost, realtime } = overrides;
  const metrics = createMetrics();
  await using starting = new AsyncDisposableStack();

  const opened = starting.use(await openPorts(config, { clock, exclusive: true, log: logger }));
  const ports: Ports = { ...opened, events: countAppends(opened.events, metrics.countAppended) };
  const core = starting.use(await startCore({ ports, clock, logger }));
  const { bus, readModels, tail, supervisor } = core;
  const { accessTokenSeconds } = config;
  const services = await createServices({ ports, bus, readModels, clock, accessTokenSeconds, passwordCost });
  const { authenticator } = services;
  const reaction = eraseMembers({ bus, readModels });
  starting.use(new ReactionRunner({ reaction, tail, documents: ports.documents, log: logger }));

  const ops = {
    metrics: () => metrics.collect(),
    readiness: () =>
      judgeReadiness({
        projections: supervisor.status(),
        tail: tail.status(),
        fanOutFails: gateway.status().failing,
      }),
  };
  const hasOpsPort = config.opsPort !== undefined;
  const server = await createServer({
    logger,
    authenticator,
    limiter: ports.limiter,
    routes: v1(services),
    operations: hasOpsPort ? undefined : operations(ops),
    observe: metrics.observeRequest,
  });
  starting.defer(() => closeServer(server));
  const gateway = starting.use(
    attachGateway({
      server: server.server,
      authenticator,
      messages: services.messaging.messages,
      events: ports.events,
      tail,
      models: readModels,
      limiter: ports.limiter,
      log: logger,
      ...(realtime && { settings: realtime }),
    }),
  );
  metrics.watch({ projections: () => supervisor.status(), realtime: () => gateway.metrics });

  let opsUrl: string | undefined;
  if (hasOpsPort) {
    const opsServer = await createOperationsServer({ ...ops, logger });
    starting.defer(() => closeServer(opsServer));
    opsUrl = await opsServer.listen({ port: config.opsPort, host: config.host });
  }
  const url = await server.listen({ port: config.port, host: config.host });

  const started = starting.move();
  return {
    ...core,
    url,
    port: (server.server.address() as AddressInfo).port,
    opsUrl: opsUrl ?? url,
    config,
    ports,
    services,
    gateway,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
};
