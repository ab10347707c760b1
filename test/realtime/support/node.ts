import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { v7 } from 'uuid';
import { InProcessPresence } from '../../../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../../../adapters/in-process/pub-sub.ts';
import { InProcessRateLimiter } from '../../../adapters/in-process/rate-limiter.ts';
import { SqliteCredentialStore } from '../../../adapters/sqlite/credential-store.ts';
import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { SqliteSearchStore } from '../../../adapters/sqlite/search-store.ts';
import { SqliteSnapshotStore } from '../../../adapters/sqlite/snapshot-store.ts';
import type { CommandBus } from '../../../commands/command-bus.ts';
import { createCommandBus } from '../../../commands/create-command-bus.ts';
import { catalog } from '../../../domain/catalog.ts';
import type { CredentialStore } from '../../../ports/credential-store.ts';
import type { EventStore } from '../../../ports/event-store.ts';
import type { Presence } from '../../../ports/presence.ts';
import type { PubSub } from '../../../ports/pub-sub.ts';
import type { Log } from '../../../projections/log.ts';
import { createLogTail, type LogTail } from '../../../projections/log-tail.ts';
import type { ReadModels } from '../../../projections/queries.ts';
import { startProjections, type RunningProjections } from '../../../projections/start.ts';
import { attachGateway, type Gateway } from '../../../realtime/gateway.ts';
import type { RealtimeSettings } from '../../../realtime/settings.ts';
import { createAccessTokens, type AccessTokens } from '../../../services/access-token.ts';
import { createAuthenticator } from '../../../services/authenticator.ts';
import type { Authenticator, Caller } from '../../../services/caller.ts';
import { createDeviceService, type DeviceService } from '../../../services/devices.ts';
import { createMessaging, type Messaging } from '../../../services/messaging.ts';
import { createPresenceService } from '../../../services/presence.ts';
import { unlimited } from '../../../services/rate-limits.ts';
import { createRevocations } from '../../../services/revocations.ts';

export interface Endpoint extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly gateway: Gateway;
}

export interface EndpointPorts {
  readonly pubSub: PubSub;
  readonly presence: Presence;
  readonly settings: Partial<RealtimeSettings>;
  /** How it gets to know of events, made of how the node does; default: the same. */
  readonly tailOf?: (tail: LogTail) => LogTail;
}

export interface TestNode extends Endpoint {
  readonly bus: CommandBus;
  readonly events: EventStore;
  readonly models: ReadModels;
  readonly projections: RunningProjections;
  readonly messaging: Messaging;
  readonly devices: DeviceService;
  readonly tokens: AccessTokens;
  readonly logged: readonly { readonly level: string; readonly message: string }[];
  /** One more endpoint on the same stores: what another realtime node is to clients. Not disposed with this one. */
  another(ports: EndpointPorts): Promise<Endpoint>;
  readonly credentials: CredentialStore;
  /** A new user, or another device of one. */
  signIn(userId?: string): Promise<SignedIn>;
}

export interface SignedIn extends Caller {
  readonly token: string;
}

export interface NodeOptions {
  readonly settings?: Partial<RealtimeSettings>;
  readonly limited?: boolean;
  readonly clock?: () => number;
  /** Puts something before the read models that the gateway asks; the services keep the true ones. */
  readonly before?: (models: ReadModels) => ReadModels;
  readonly pubSub?: PubSub;
  readonly presence?: Presence;
}

/** A whole node on stores in memory, its endpoint on 127.0.0.1: everything but REST. */
export const startNode = async ({
  settings,
  limited,
  clock = Date.now,
  before,
  pubSub,
  presence,
}: NodeOptions = {}): Promise<TestNode> => {
  const stack = new AsyncDisposableStack();
  const logged: { level: string; message: string }[] = [];
  const write = (level: string) => (_: object, message: string) => void logged.push({ level, message });
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  const events = stack.use(new SqliteEventStore(':memory:', { clock }));
  const documents = stack.use(new SqliteDocumentStore(':memory:'));
  const search = stack.use(new SqliteSearchStore(':memory:'));
  const snapshots = stack.use(new SqliteSnapshotStore(':memory:'));
  const credentials = stack.use(new SqliteCredentialStore(':memory:'));
  const tail = stack.use(createLogTail({ events, catalog, log }));
  const projections = stack.use(await startProjections({ events, documents, search, tail, log }));
  const models = projections.readModels;
  const bus = stack.use(
    createCommandBus({
      events,
      snapshots,
      clock,
      recall: async (conversationId, messageIds, position) => {
        await models.waitFor(['timeline'], position);
        return await models.timeline.recall(conversationId, messageIds);
      },
    }),
  );
  const revocations = createRevocations();
  const tokens = createAccessTokens({ secret: await credentials.secret('access', 32), seconds: 900, clock });
  const authenticator = createAuthenticator({ credentials, accessTokens: tokens, revocations, clock });
  const devices = createDeviceService({ bus, credentials, readModels: models, revocations });
  const inviteSecret = await credentials.secret('invites', 32);
  const messaging = createMessaging({ bus, reads: models, events, clock, inviteSecret });
  const limiter = limited ? stack.use(new InProcessRateLimiter()) : unlimited;

  const { messages } = messaging;
  /** In another process nothing is heard of what is announced in this one. */
  const deaf: Authenticator = { ...authenticator, onRevoked: () => ({ [Symbol.dispose]: () => undefined }) };
  const attach = async (
    heard: Authenticator,
    { pubSub, presence, settings, tailOf = (own) => own }: EndpointPorts,
  ): Promise<Endpoint> => {
    await using opening = new AsyncDisposableStack();
    const server = createServer((_request, response) => void response.writeHead(404).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opening.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const gateway = opening.use(
      attachGateway({
        server,
        authenticator: heard,
        messages,
        events,
        tail: tailOf(tail),
        models: before?.(models) ?? models,
        limiter,
        pubSub,
        presence,
        presenceService: createPresenceService({ presence, credentials, readModels: models }),
        credentials,
        log,
        settings: { drainMs: 1_000, ...settings },
      }),
    );
    const { port } = server.address() as AddressInfo;
    const opened = opening.move();
    return {
      server,
      port,
      url: `ws://127.0.0.1:${port}/v1/realtime`,
      gateway,
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  };
  const endpoint = stack.use(
    await attach(authenticator, {
      pubSub: pubSub ?? stack.use(new InProcessPubSub()),
      presence: presence ?? stack.use(new InProcessPresence()),
      settings: settings ?? {},
    }),
  );

  const register = async (): Promise<string> => {
    const userId = v7();
    const username = `u${userId.replaceAll('-', '').slice(4)}`;
    await bus.user(userId, {
      commandId: randomUUID(),
      actorId: userId,
      command: { type: 'RegisterUser', data: { userId, username, displayName: username } },
    });
    return userId;
  };

  return {
    ...endpoint,
    another: (ports) => attach(deaf, ports),
    bus,
    events,
    models,
    projections,
    messaging,
    devices,
    credentials,
    tokens,
    logged,
    async signIn(existing) {
      const userId = existing ?? (await register());
      const [deviceId, sessionId] = [randomUUID(), randomUUID()];
      const now = new Date(clock()).toISOString();
      const command = { type: 'AddDevice', data: { deviceId, name: 'test', platform: null } } as const;
      await bus.user(userId, { commandId: randomUUID(), actorId: userId, command });
      const session = { sessionId, userId, deviceId, createdAt: now, lastSeenAt: now, generation: 1, rotatedAt: now };
      await credentials.startSession(session);
      const { accessToken } = await tokens.issue({ userId, deviceId, sessionId });
      return { userId, deviceId, sessionId, token: accessToken };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
