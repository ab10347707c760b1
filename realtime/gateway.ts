import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { DomainError } from '../domain/errors.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Presence } from '../ports/presence.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { Log } from '../projections/log.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Authenticator } from '../services/caller.ts';
import type { MessageService } from '../services/message-service.ts';
import type { PresenceService } from '../services/presence.ts';
import { addressOf } from '../services/address.ts';
import { AddressPlaces } from './address-places.ts';
import { DeviceConnections } from './device-connections.ts';
import { Hub, type HubStatus } from './hub.ts';
import { createMetrics, type RealtimeMetrics } from './metrics.ts';
import { OtherNodes } from './other-nodes.ts';
import { RealtimePresence } from './presence.ts';
import { closeCode } from './protocol.ts';
import { protocolOptions } from './protocol-options.ts';
import { SessionWatch } from './session-watch.ts';
import { serve, type Served } from './serve.ts';
import { defaultSettings, type RealtimeSettings } from './settings.ts';
import { spread, type Spread } from './spread.ts';
import { Typing } from './typing.ts';
import { refusalOfUpgrade, refuseUpgrade } from './upgrade.ts';

export interface GatewayOptions {
  readonly server: Server;
  readonly authenticator: Authenticator;
  readonly messages: MessageService;
  readonly events: EventStore;
  readonly tail: LogTail;
  readonly models: ReadModels;
  readonly limiter: RateLimiter;
  readonly pubSub: PubSub;
  readonly presence: Presence;
  readonly presenceService: PresenceService;
  readonly credentials: Pick<CredentialStore, 'touchAll'>;
  readonly log: Log;
  readonly settings?: Partial<RealtimeSettings>;
}

/** The WebSocket endpoint of one node. Disposing it closes every socket with 1001, after its requests were answered. */
export interface Gateway extends AsyncDisposable {
  readonly metrics: Readonly<RealtimeMetrics>;
  /** How far the fan-out is, and what keeps it. */
  status(): HubStatus;
  /**
   * Lets no new socket in, and closes those that are open with 1001, one after the other over the time given, each
   * after its requests were answered. What is not closed yet goes on being served.
   */
  drain(over: Spread): Promise<void>;
}

/** Serves the server's upgrade requests. To be disposed before what it was given. */
export const attachGateway = ({ server, settings: given, ...options }: GatewayOptions): Gateway => {
  const { tail, events, models, log } = options;
  const settings = { ...defaultSettings, ...given };
  const metrics = createMetrics();
  const devices = new DeviceConnections();
  const open = new Set<Served>();
  const closing = new Map<Served, Promise<void>>();
  let isRefusing = false;
  let isClosing = false;
  const hub = new Hub({ tail, events, models, metrics, log });
  const presence = new RealtimePresence({ ...options, service: options.presenceService, settings });
  const typing = new Typing({ ...options, settings, tell: (...told) => hub.tell(...told) });
  const otherNodes = new OtherNodes(options.pubSub, devices);
  const sessions = new SessionWatch({ ...options, devices, sweepMs: settings.sessionSweepMs });

  const places = new AddressPlaces(settings.maxPerAddress);
  const webSockets = new WebSocketServer(protocolOptions(settings));

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const refusal = isRefusing ? new DomainError('server/unavailable') : refusalOfUpgrade(request);
    if (refusal) return refuseUpgrade(socket, refusal);
    const { remoteAddress } = request.socket;
    const place = places.take(addressOf(remoteAddress, request.headers['x-forwarded-for'], settings.trustedProxies));
    if (place === undefined) return refuseUpgrade(socket, new DomainError('rate/limited', { retryAfterSeconds: 10 }));
    // Also where the handshake comes to nothing.
    socket.once('close', () => place[Symbol.dispose]());
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const served = serve(webSocket, { ...options, hub, devices, otherNodes, settings, metrics, presence, typing });
      open.add(served);
      webSocket.once('close', () => {
        open.delete(served);
        closing.delete(served);
      });
    });
  };
  server.on('upgrade', upgrade);

  const endOne = async (served: Served): Promise<void> => {
    await Promise.race([served.drain(), delay(settings.drainMs, undefined, { ref: false })]);
    served.connection.close(closeCode.goingAway);
    await served.connection.gone(settings.drainMs);
  };

  const closeOne = (served: Served): Promise<void> =>
    open.has(served) ? closing.getOrInsertComputed(served, () => endOne(served)) : Promise.resolve();

  return {
    metrics,
    status: () => hub.status,
    async drain(over) {
      isRefusing = true;
      await spread([...open], over, closeOne);
    },
    async [Symbol.asyncDispose]() {
      if (isClosing) return;
      isClosing = true;
      isRefusing = true;
      await sessions[Symbol.asyncDispose]();
      await otherNodes[Symbol.asyncDispose]();
      await Promise.all([...open].map(closeOne));
      await typing[Symbol.asyncDispose]();
      await presence[Symbol.asyncDispose]();
      await hub[Symbol.asyncDispose]();
      server.off('upgrade', upgrade);
    },
  };
};
