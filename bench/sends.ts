import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import path from 'node:path';
import { v7 } from 'uuid';
import { WebSocket } from 'ws';
import { ChatClient } from '../app/demo/client/chat-client.ts';
import { Rest } from '../app/demo/client/rest.ts';
import { Socket } from '../app/demo/client/socket.ts';
import { ServerProcess, temporaryFolder } from '../app/demo/server-process.ts';
import { leastCommits } from './least-log.ts';
import { runPaced, type Paced } from './paced.ts';
import { milliseconds, percentile, printTable, rate, spread } from './statistics.ts';

const perSecond = 1_000;
const conversations = 500;
const people = 50;
const membersInEach = 3;
const text = 'x'.repeat(60);

interface Person {
  readonly client: ChatClient;
  readonly socket: Socket;
}

const signUp = async (rest: Rest, index: number): Promise<Person> => {
  const client = new ChatClient(rest, { username: `person-${index}`, password: `secret of ${index}` });
  await client.register();
  await client.login();
  const nothing = (): void => undefined;
  const { origin } = rest;
  const socket = new Socket({
    origin,
    token: client.accessToken,
    onPush: nothing,
    onResync: nothing,
    onClose: nothing,
  });
  await socket.ready;
  return { client, socket };
};

const lagOf = (metrics: string, unit: 'seconds' | 'events'): number => {
  const line = new RegExp(`^parley_projection_lag_${unit}\\{projection="\\w+"\\} (\\S+)$`, 'gm');
  return Math.max(...[...metrics.matchAll(line)].map(([, value]) => Number(value)));
};

/** The largest lag of any projection, as the server tells it, again and again. */
const watchLag = async (rest: Rest, signal: AbortSignal) => {
  const lags: { readonly ms: number; readonly events: number }[] = [];
  while (!signal.aborted) {
    const { text: metrics } = await rest.call({ method: 'GET', path: '/metrics' });
    lags.push({ ms: lagOf(metrics, 'seconds') * 1000, events: lagOf(metrics, 'events') });
    await pause(23);
  }
  return lags;
};

/** How long reads take while others send: a page of history and the feed, in turn. */
const watchReads = async (persons: readonly Person[], ids: readonly string[], signal: AbortSignal) => {
  const latencies: number[] = [];
  for (let turn = 0; !signal.aborted; turn += 1) {
    const conversationId = ids[turn % ids.length]!;
    const { client } = persons[turn % persons.length]!;
    const address = turn % 2 === 0 ? '/v1/conversations' : `/v1/conversations/${conversationId}/messages`;
    const reader = turn % 2 === 0 ? client : persons[(turn % ids.length) % persons.length]!.client;
    const before = performance.now();
    await reader.ask('GET', address);
    latencies.push(performance.now() - before);
    await pause(20);
  }
  return latencies;
};

/** How long after its acknowledgement a message can be read: one that waits for exactly that write. */
const watchVisibility = async ({ client }: Person, conversationId: string, signal: AbortSignal) => {
  const delays: number[] = [];
  while (!signal.aborted) {
    const { position } = await client.rest.ask({
      method: 'PUT',
      path: `/v1/conversations/${conversationId}/messages/${v7()}`,
      headers: { authorization: `Bearer ${client.accessToken}` },
      body: { text },
    });
    const acknowledged = performance.now();
    await client.ask('GET', `/v1/conversations/${conversationId}/messages?limit=1`, undefined, position);
    delays.push(performance.now() - acknowledged);
    await pause(100);
  }
  return delays;
};

const startConversations = async (persons: readonly Person[]): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let index = 0; index < conversations; index += 1) {
    const at = (offset: number) => persons[(index + offset) % people]!.client;
    const memberIds = Array.from({ length: membersInEach - 1 }, (_, other) => at(7 * (other + 1)).userId);
    ids.push((await at(0).start({ kind: 'group', name: `Group ${index}`, memberIds })).conversationId);
  }
  return ids;
};

const measureParley = async (seconds: number) => {
  await using data = await temporaryFolder();
  await using server = await ServerProcess.start(data.folder, { LOG_LEVEL: 'warn' });
  using rest = new Rest(server.origin);
  const persons = await Promise.all(Array.from({ length: people }, (_, index) => signUp(rest, index)));
  const ids = await startConversations(persons);
  const send = async (index: number): Promise<void> => {
    const conversationId = ids[index % conversations]!;
    await persons[(index % conversations) % people]!.socket.request('send', { conversationId, messageId: v7(), text });
  };
  await runPaced(perSecond / 2, 3, send);
  const ending = new AbortController();
  const watching = [
    watchLag(rest, ending.signal),
    watchReads(persons, ids, ending.signal),
    watchVisibility(persons[0]!, ids[0]!, ending.signal),
  ] as const;
  const sends = await runPaced(perSecond, seconds, send);
  ending.abort();
  const [lags, reads, visibility] = await Promise.all(watching);
  await Promise.all(persons.map(({ socket }) => socket.close()));
  return { sends, lags, reads, visibility };
};

const measureLeast = async (seconds: number): Promise<Paced> => {
  await using data = await temporaryFolder();
  const program = path.join(import.meta.dirname, 'least-server.ts');
  const child = spawn(process.execPath, [program, data.folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const socket = new WebSocket(`ws://127.0.0.1:${line.toString().trim()}`, { perMessageDeflate: false });
  await once(socket, 'open');
  const waiting = new Map<string, () => void>();
  socket.on('message', (data: Buffer) => {
    const { messageId } = JSON.parse(data.toString('utf8')) as { messageId: string };
    waiting.get(messageId)?.();
    waiting.delete(messageId);
  });
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      const messageId = v7();
      waiting.set(messageId, resolve);
      socket.send(JSON.stringify({ messageId, text }));
    });
  const paced = await runPaced(perSecond, seconds, send);
  socket.close();
  child.kill();
  await once(child, 'exit');
  return paced;
};

/** Sends at a fixed rate, and what reads and read models do meanwhile. */
export const benchSends = async (seconds: number): Promise<void> => {
  const least = await measureLeast(Math.min(5, seconds));
  const { sends, lags, reads, visibility } = await measureParley(seconds);
  await using data = await temporaryFolder();
  const commits = leastCommits(data.folder, 2_000);
  const behind = lags.map(({ ms }) => ms);
  const worst = Math.max(...behind);
  const told = `${milliseconds(percentile(behind, 0.5))} · ${milliseconds(worst)}`;
  const most = Math.max(...lags.map(({ events }) => events));
  printTable(`${perSecond} sends/s into ${conversations} conversations of ${membersInEach}, for ${seconds} s`, [
    ['', 'Parley', 'the least server', 'a bare SQLite loop'],
    ['acknowledged', rate(sends.rate), rate(least.rate), rate(commits.rate)],
    ['until acknowledged, p50 · p99', spread(sends.latencies), spread(least.latencies), spread(commits.latencies)],
    ['reads meanwhile, p50 · p99', spread(reads), '–', '–'],
    ['projections behind by their own word, p50 · max', told, '–', '–'],
    ['projections behind in events, max', String(most), '–', '–'],
    ['from acknowledged to read, p50 · p99', spread(visibility), '–', '–'],
  ]);
  const holds = worst < 100 && percentile(visibility, 0.99) < 100;
  console.log(`  ${holds ? 'Holds' : 'DOES NOT HOLD'}: reads served and projections less than 100 ms behind.`);
};
