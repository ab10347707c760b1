import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import { ChatClient } from '../app/demo/client/chat-client.ts';
import { Rest } from '../app/demo/client/rest.ts';
import { ServerProcess, temporaryFolder } from '../app/demo/server-process.ts';
import { Socket } from '../app/demo/client/socket.ts';
import { startEventStoreDb } from '../test/servers/event-store-db.ts';
import { mongoKind, redisKind } from '../test/servers/kinds.ts';
import { mongoUrl } from '../test/servers/programs.ts';
import { ServerProcess as Server } from '../test/servers/server-process.ts';
import { runPaced } from './paced.ts';
import { cpuMsOf, metricsOf } from './server-metrics.ts';
import { milliseconds, printTable, spread } from './statistics.ts';

const conversations = 40;
const perSecond = 100;
const secondsEach = 4;
const rounds = 2;
const text = 'x'.repeat(60);

interface Phase {
  sent: number;
  nodeMs: number;
  relayMs: number;
  /** From the moment that a send was due until the one socket had it. */
  readonly delays: number[];
}

const newPhase = (): Phase => ({ sent: 0, nodeMs: 0, relayMs: 0, delays: [] });

const signUp = async (rest: Rest, username: string): Promise<ChatClient> => {
  const client = new ChatClient(rest, { username, password: `secret of ${username}` });
  await client.register();
  await client.login();
  return client;
};

/** Until the node says that it takes events from relays, or that it does not. */
const untilRelayed = async (node: Rest, isRelayed: boolean): Promise<void> => {
  while ((await metricsOf(node))('parley_relayed_live') !== (isRelayed ? 1 : 0)) await pause(50);
};

/** Sends to one conversation after the other; a socket on the node hears the first one alone. */
const run = async (sender: ChatClient, ids: readonly string[], sentAt: Map<string, number>): Promise<number> => {
  const startedAt = performance.now();
  await runPaced(perSecond, secondsEach, async (index) => {
    const messageId = v7();
    sentAt.set(messageId, startedAt + (index * 1_000) / perSecond);
    await sender.send(ids[index % ids.length]!, { text }, { via: 'rest', messageId });
  });
  return perSecond * secondsEach;
};

/** What a process for sockets spends on a log of which hardly anything is for it: read by itself, and fed by a relay. */
export const benchRelays = async (): Promise<void> => {
  const [mongo, cache] = [mongoKind(), redisKind()];
  if (mongo === undefined || cache === undefined) return console.log('\nRelays: there is no MongoDB or no Redis here');
  await using scope = new AsyncDisposableStack();
  const log = scope.use(await startEventStoreDb());
  const documents = scope.use(await Server.start(mongo));
  const redis = scope.use(await Server.start(cache));
  const database = new URL(mongoUrl(documents.port));
  database.pathname = '/relays';
  const start = async (roles: string): Promise<{ readonly server: ServerProcess; readonly rest: Rest }> => {
    const { folder } = scope.use(await temporaryFolder());
    const server = scope.use(
      await ServerProcess.start(folder, {
        EVENTSTOREDB_URL: log.url,
        MONGODB_URL: database.href,
        REDIS_URL: `redis://127.0.0.1:${redis.port}`,
        LOG_LEVEL: 'error',
        ROLES: roles,
      }),
    );
    return { server, rest: scope.use(new Rest(server.origin)) };
  };
  const api = await start('api,projector,worker');
  const node = await start('realtime');
  const relay = await start('relay');
  const [ann, ben] = [await signUp(api.rest, 'ann'), await signUp(api.rest, 'ben')];
  const ids: string[] = [];
  for (let index = 0; index < conversations; index += 1) {
    const memberIds = index === 0 ? [ben.userId] : [];
    ids.push((await ann.start({ kind: 'group', name: `Group ${index}`, memberIds })).conversationId);
  }
  const sentAt = new Map<string, number>();
  let phase = newPhase();
  const socket = new Socket({
    origin: new URL(node.server.origin),
    token: ben.accessToken,
    onPush(frame) {
      if (frame.type !== 'event' || frame.event.type !== 'messageSent') return;
      phase.delays.push(performance.now() - sentAt.get(frame.event.message.messageId)!);
    },
    onResync: () => undefined,
    onClose: () => undefined,
  });
  await socket.ready;

  const measure = async (isRelayed: boolean, into: Phase): Promise<void> => {
    await untilRelayed(node.rest, isRelayed);
    phase = into;
    const already = phase.delays.length;
    const [nodeMs, relayMs] = [await cpuMsOf(node.rest), isRelayed ? await cpuMsOf(relay.rest) : 0];
    const sent = await run(ann, ids, sentAt);
    while (phase.delays.length < already + Math.ceil(sent / ids.length)) await pause(5);
    phase.nodeMs += (await cpuMsOf(node.rest)) - nodeMs;
    phase.relayMs += isRelayed ? (await cpuMsOf(relay.rest)) - relayMs : 0;
    phase.sent += sent;
  };
  const [alone, relayed] = [newPhase(), newPhase()];
  await measure(true, newPhase());
  for (let round = 0; round < rounds; round += 1) {
    await measure(true, relayed);
    await relay.server.kill();
    await measure(false, alone);
    await relay.server.start();
  }
  await socket.close();
  const each = (ms: number, { sent }: Phase): string => milliseconds(ms / sent);
  printTable(
    `A process for sockets, which needs one event in ${conversations}, at ${perSecond} sends/s, EventStoreDB test server`,
    [
      ['', 'reads the log', 'fed by a relay'],
      ['its processor time for an event of the log', each(alone.nodeMs, alone), each(relayed.nodeMs, relayed)],
      ['the relay’s', '–', each(relayed.relayMs, relayed)],
      ['from send until pushed, p50 · p99', spread(alone.delays), spread(relayed.delays)],
    ],
  );
};
