import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { MongoDbAway } from '../adapters/mongodb/connection.ts';
import { createWaitingServer } from '../api/waiting-server.ts';
import { CredentialStoreUnavailable } from '../ports/credential-store.ts';
import { DocumentStoreUnavailable } from '../ports/document-store.ts';
import { EventStoreUnavailable } from '../ports/event-store.ts';
import { closeServer } from './close-server.ts';
import { startParley, type Overrides, type Parley } from './compose.ts';
import type { Config } from './config.ts';
import { missingServers } from './server-checks.ts';

export interface WaitingOptions extends Overrides {
  readonly logger: Logger;
  /** Gives up waiting. */
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  /** How often it is said again what is waited for. */
  readonly sayEveryMs?: number;
}

const mayPass = (error: unknown): boolean =>
  [MongoDbAway, CredentialStoreUnavailable, DocumentStoreUnavailable, EventStoreUnavailable].some(
    (kind) => error instanceof kind,
  );

interface Waiting extends AsyncDisposable {
  reasons: readonly string[];
  /** Where it listens; the server that takes its place listens there too. */
  readonly port: number;
}

const portOf = (server: { readonly address: () => unknown }): number =>
  (server.address() as { readonly port: number }).port;

const openWaiting = async ({ host, port, opsPort, corsOrigins }: Config, logger: Logger): Promise<Waiting> => {
  await using opening = new AsyncDisposableStack();
  const waiting = { reasons: ['it is starting'] as readonly string[] };
  const listen = async (at: number, hasOperations: boolean): Promise<number> => {
    const server = await createWaitingServer({ logger, reasons: () => waiting.reasons, hasOperations, corsOrigins });
    opening.defer(() => closeServer(server));
    await server.listen({ port: at, host });
    return portOf(server.server);
  };
  const address = await listen(port, opsPort === undefined);
  if (opsPort !== undefined) await listen(opsPort, true);
  const opened = opening.move();
  return Object.assign(waiting, { port: address, [Symbol.asyncDispose]: () => opened.disposeAsync() });
};

/** Resolves once everybody answers, or the signal aborts. Throws nothing for a server that stays away. */
const wait = async (config: Config, options: WaitingOptions, waiting: Waiting): Promise<void> => {
  const { logger, signal, everyMs = 500, sayEveryMs = 30_000 } = options;
  for (let saidAt = -Infinity; !signal.aborted;) {
    const away = await missingServers(config);
    if (away.length === 0) return;
    waiting.reasons = away.map(({ setting, problem }) => `${setting}: ${problem}`);
    if (performance.now() - saidAt > sayEveryMs) {
      saidAt = performance.now();
      logger.warn(
        { reasons: waiting.reasons, port: waiting.port },
        'Waiting for servers: Parley starts when they answer',
      );
    }
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
};

/**
 * As `startParley`; but where a server does not answer that it cannot start without, it listens all the same, says
 * that it is not ready and why, refuses what it is asked, and starts when the server is there. Undefined when the
 * signal aborts first. What does not pass by itself is thrown at once.
 */
export const startWhenThere = async (config: Config, options: WaitingOptions): Promise<Parley | undefined> => {
  const { logger, signal } = options;
  for (let started = config; !signal.aborted;) {
    if ((await missingServers(started)).length === 0) {
      try {
        return await startParley(started, options);
      } catch (error) {
        // It went away in the middle of the start.
        if (!mayPass(error)) throw error;
      }
    }
    await using waiting = await openWaiting(started, logger);
    started = { ...started, port: waiting.port };
    await wait(started, options, waiting);
  }
  return undefined;
};
