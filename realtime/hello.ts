import { DomainError } from '../domain/errors.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { Log } from '../projections/log.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Authenticator, Caller } from '../services/caller.ts';
import { decodePosition, encodePosition } from '../services/position-token.ts';
import { connectionsOfDevice } from '../services/rate-limits.ts';
import type { Connection } from './connection.ts';
import type { DeviceConnections } from './device-connections.ts';
import { ConnectionFeed } from './feed.ts';
import { serialise } from './frame.ts';
import type { Attached, Hub } from './hub.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { closeCode, heartbeatSeconds, Hello, type CloseCode, type Envelope } from './protocol.ts';
import type { OtherNodes } from './other-nodes.ts';
import { planReplay } from './replay-plan.ts';
import { replayFrames } from './replay.ts';
import type { RealtimeSettings } from './settings.ts';

export interface HelloOptions {
  readonly authenticator: Pick<Authenticator, 'verify'>;
  readonly devices: DeviceConnections;
  readonly limiter: RateLimiter;
  readonly otherNodes: Pick<OtherNodes, 'tell'>;
  readonly events: EventStore;
  readonly models: ReadModels;
  readonly hub: Hub;
  readonly settings: RealtimeSettings;
  readonly metrics: RealtimeMetrics;
  readonly log: Log;
}

interface Accepted {
  readonly caller: Caller;
  readonly since: Position | undefined;
}

/**
 * Takes a connection's hello: proves the caller, tells what was missed since, then `ready`, then lets live frames
 * through. Resolves with the caller, or with undefined once the connection is closed with the code that says why.
 */
export const greet = async (
  options: HelloOptions,
  connection: Connection,
  envelope: Envelope,
): Promise<Caller | undefined> => {
  try {
    const accepted = await accept(options, connection, envelope);
    if (typeof accepted === 'number') {
      connection.close(accepted);
      return undefined;
    }
    await follow(options, connection, accepted);
    return connection.isClosed ? undefined : accepted.caller;
  } catch (error) {
    if (!connection.isClosed) options.log.warn({ err: error }, 'A hello could not be served');
    connection.close(closeCode.goingAway);
    return undefined;
  }
};

/** The token comes before the shape, as by REST. */
const accept = async (
  { authenticator, devices, otherNodes, events, limiter }: HelloOptions,
  connection: Connection,
  envelope: Envelope,
): Promise<Accepted | CloseCode> => {
  const { type, token } = envelope;
  if (type !== 'hello' || token === undefined) return closeCode.unauthenticated;
  if (typeof token !== 'string') return closeCode.badFrame;
  try {
    let isTooOften = false;
    const caller = await devices.verify(async () => {
      const proven = await authenticator.verify(token);
      isTooOften = !(await limiter.consume(connectionsOfDevice, proven.deviceId)).allowed;
      return proven;
    });
    if (caller === undefined || caller.scopes?.includes('read') === false) return closeCode.unauthenticated;
    if (connection.isClosed) return closeCode.goingAway;
    if (isTooOften) return closeCode.tooManyRequests;
    const hello = Hello.safeParse(envelope);
    if (!hello.success) return closeCode.badFrame;
    const since = hello.data.since === undefined ? undefined : decodePosition(hello.data.since, 'since');
    // Registered before anything else is waited for, so that a revocation finds the connection.
    const now = Date.now();
    devices.add(caller, connection, now);
    otherNodes.tell(caller, now);
    if (since !== undefined && since > (await events.head())) return closeCode.badFrame;
    return { caller, since };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'request/invalid') return closeCode.badFrame;
    if (error.code === 'auth/required' || error.code === 'auth/expired') return closeCode.unauthenticated;
    throw error;
  }
};

const follow = async (options: HelloOptions, connection: Connection, { caller, since }: Accepted): Promise<void> => {
  const { hub, settings, log } = options;
  const feed = new ConnectionFeed({
    userId: caller.userId,
    maxHeldBytes: settings.maxQueuedBytes,
    write: ({ data }, forMany) => (forMany ? connection.sendInSlice(data, hub.slices) : connection.send(data)),
    tell: (data) => connection.sendIfIdle(data),
    overflow: () => connection.close(closeCode.tooSlow),
    broken: (reason) => {
      log.error({ userId: caller.userId, deviceId: caller.deviceId }, reason);
      connection.close(closeCode.goingAway);
    },
  });
  const detach = (): void => {
    feed.end();
    hub.detach(feed);
  };
  connection.ended.addEventListener('abort', detach, { once: true });
  const inTime = AbortSignal.any([connection.ended, AbortSignal.timeout(settings.attachMs)]);
  if (since !== undefined) await hub.reached(since, inTime);
  const attached = await hub.attach(feed, inTime);
  if (since !== undefined) await replay(options, connection, feed, since, attached);
  if (connection.isClosed) return detach();
  const { userId, deviceId } = caller;
  const position = encodePosition(attached.position);
  connection.send(serialise({ type: 'ready', userId, deviceId, position, heartbeatSeconds }));
  feed.open();
};

const replay = async (
  { events, models, settings, metrics }: HelloOptions,
  connection: Connection,
  feed: ConnectionFeed,
  since: Position,
  { position, memberships, hidesReads }: Attached,
): Promise<void> => {
  const options = {
    events,
    models,
    userId: feed.userId,
    hidesReads,
    since,
    until: position,
    memberships,
    maxPerConversation: settings.maxReplayPerConversation,
    max: settings.maxReplay,
    signal: connection.ended,
  };
  const plan = await planReplay(options);
  if (plan === undefined) {
    metrics.resyncs += 1;
    return connection.send(serialise({ type: 'resync' }));
  }
  metrics.replays += 1;
  for await (const frame of replayFrames(options, plan)) {
    if (!feed.replay(frame)) return;
    await connection.sendInTurn(frame.data);
  }
};
