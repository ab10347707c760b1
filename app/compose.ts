import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { HttpWebhookSender } from '../adapters/http/webhook-sender.ts';
import { v1, type Services } from '../api/v1.ts';
import type { Clock } from '../ports/clock.ts';
import { attachGateway, type Gateway } from '../realtime/gateway.ts';
import type { RealtimeSettings } from '../realtime/settings.ts';
import type { Authenticator } from '../services/caller.ts';
import type { PasswordCost } from '../services/passwords.ts';
import type { Config } from './config.ts';
import { startCore, type Core } from './core.ts';
import { countAppends } from './counted-events.ts';
import { createListening, type Listening } from './listen.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { openPorts, type Ports } from './ports.ts';
import { projectionSettings } from './projection-settings.ts';
import { judgeReadiness } from './readiness.ts';
import { startRelay } from './relay.ts';
import { mayBeShared, takesFromRelays } from './roles.ts';
import { createServices } from './services.ts';
import { startWorker } from './worker.ts';

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
  /** Undefined where the process has no role `realtime`. */
  readonly gateway: Gateway | undefined;
  /**
   * To be awaited before disposing: says at once that it is not ready any more, and closes its sockets over the
   * seconds of the configuration. Everything else is still answered, behind proxies for all of these seconds, so that
   * they notice before it is gone. Aborting the signal closes the rest at once.
   */
  drain(signal: AbortSignal): Promise<void>;
}

const realtimeSettings = ({ rateLimits, socketsPerAddress, trustedProxies }: Config): Partial<RealtimeSettings> => ({
  maxPerAddress: rateLimits ? socketsPerAddress : Infinity,
  trustedProxies,
});

/** Starts a process of the server in the roles of its configuration. Resolves once it listens. */
export const startParley = async (config: Config, overrides: Overrides = {}): Promise<Parley> => {
  const { clock = Date.now, logger = createLogger(config.logLevel), passwordCost, realtime } = overrides;
  const has = (role: Config['roles'][number]): boolean => config.roles.includes(role);
  const metrics = createMetrics();
  await using starting = new AsyncDisposableStack();

  const opened = starting.use(await openPorts(config, { clock, exclusive: true, log: logger }));
  const ports: Ports = { ...opened, events: countAppends(opened.events, metrics.countAppended) };
  const projecting = projectionSettings(config, ports);
  const relayed = takesFromRelays(config);
  const core = starting.use(await startCore({ ports, clock, logger, relayed, projecting }));
  const { bus, readModels, tail, relayedTail, supervisor } = core;
  const { accessTokenSeconds } = config;
  const services = await createServices({
    ports,
    bus,
    readModels,
    clock,
    accessTokenSeconds,
    passwordCost,
    webhooksToPrivate: config.webhooksToPrivate,
  });
  const { authenticator } = services;
  if (has('worker')) {
    const { history } = services.messaging;
    const webhookSender = new HttpWebhookSender({ allowPrivate: config.webhooksToPrivate });
    const isShared = mayBeShared(config);
    const { observeJob } = metrics;
    starting.use(await startWorker({ core, ports, clock, logger, isShared, history, webhookSender, observeJob }));
  }
  if (has('relay')) starting.use(startRelay({ ports, logger }));

  let isEnding = false;
  const listening: Listening = starting.use(
    await createListening({
      config,
      logger,
      authenticator,
      limiter: ports.limiter,
      routes: has('api') ? v1(services) : [],
      observe: metrics.observeRequest,
      ops: {
        metrics: () => metrics.collect(),
        readiness: () =>
          judgeReadiness({
            projections: supervisor.status(),
            tail: tail.status(),
            fanOutFails: gateway?.status().failing ?? false,
            isEnding,
          }),
      },
    }),
  );
  const gateway: Gateway | undefined = has('realtime')
    ? starting.use(
        attachGateway({
          server: listening.main.server,
          authenticator,
          messages: services.messaging.messages,
          events: ports.events,
          tail,
          models: readModels,
          limiter: ports.limiter,
          pubSub: ports.pubSub,
          presence: ports.presence,
          presenceService: services.presence,
          credentials: ports.credentials,
          log: logger,
          settings: { ...realtimeSettings(config), ...realtime },
        }),
      )
    : undefined;
  metrics.watch({
    projections: () => supervisor.status(),
    realtime: gateway && (() => gateway.metrics),
    relayed: relayedTail && (() => relayedTail.relayed()),
    jobs: has('worker') ? () => ports.jobs.counts() : undefined,
  });
  const addresses = await listening.listen();

  const started = starting.move();
  return {
    ...core,
    ...addresses,
    config,
    ports,
    services,
    gateway,
    async drain(signal) {
      isEnding = true;
      const overMs = config.drainSeconds * 1000;
      const isBehindProxies = config.trustedProxies > 0 && (has('api') || has('realtime'));
      const noticed = isBehindProxies ? pause(overMs, undefined, { signal }).catch(() => undefined) : undefined;
      await Promise.all([gateway?.drain({ overMs, signal }), noticed]);
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
};
