import { v7 } from 'uuid';
import { EventStoreDbEventStore } from '../adapters/eventstoredb/event-store.ts';
import { ChatClient } from '../app/demo/client/chat-client.ts';
import { isWorthRepeating } from '../app/demo/client/persist.ts';
import { Rest } from '../app/demo/client/rest.ts';
import { ServerProcess, temporaryFolder } from '../app/demo/server-process.ts';
import { catalog } from '../domain/catalog.ts';
import { conversationStream } from '../domain/ids.ts';
import { startEventStoreDb } from '../test/servers/event-store-db.ts';
import { mongoKind } from '../test/servers/kinds.ts';
import { mongoUrl } from '../test/servers/programs.ts';
import { ServerProcess as Server } from '../test/servers/server-process.ts';
import { cpuMsOf } from './server-metrics.ts';
import { milliseconds, percentile, printTable, rate, spread } from './statistics.ts';

const senders = 16;
const rounds = 4;
const secondsEach = 2;
const text = 'x'.repeat(60);

interface Phase {
  readonly sent: string[];
  readonly latencies: number[];
  refused: number;
  cpuMs: number;
  seconds: number;
}

const newPhase = (): Phase => ({ sent: [], latencies: [], refused: 0, cpuMs: 0, seconds: 0 });

/** One after another, each as soon as the one before it is acknowledged; a refusal that may pass is repeated. */
const keepSending = async (client: ChatClient, conversationId: string, until: number, phase: Phase): Promise<void> => {
  while (performance.now() < until) {
    const messageId = v7();
    const before = performance.now();
    for (;;) {
      try {
        await client.send(conversationId, { text }, { via: 'rest', messageId });
        break;
      } catch (error) {
        if (!isWorthRepeating(error)) throw error;
        phase.refused += 1;
      }
    }
    phase.sent.push(messageId);
    phase.latencies.push(performance.now() - before);
  }
};

/** The same senders at the same time, spread over so many of the processes. */
const run = async (clients: readonly ChatClient[], conversationId: string, phase: Phase): Promise<void> => {
  const rests = [...new Set(clients.map(({ rest }) => rest))];
  const total = async (): Promise<number> =>
    (await Promise.all(rests.map(cpuMsOf))).reduce((sum, each) => sum + each, 0);
  const before = await total();
  const startedAt = performance.now();
  const until = startedAt + secondsEach * 1_000;
  await Promise.all(clients.map((client) => keepSending(client, conversationId, until, phase)));
  phase.seconds += (performance.now() - startedAt) / 1_000;
  phase.cpuMs += (await total()) - before;
};

const signIn = async (rest: Rest): Promise<ChatClient> => {
  const client = new ChatClient(rest, { username: 'ann', password: 'secret of ann' });
  await client.login();
  return client;
};

/** Every acknowledged send stands in the log, once, and the numbers have no gap. */
const allLanded = async (url: string, conversationId: string, sent: readonly string[]): Promise<boolean> => {
  await using events = new EventStoreDbEventStore({ url });
  const landed: { readonly messageId: string; readonly seq: number }[] = [];
  for await (const recorded of events.readStream(conversationStream(conversationId))) {
    const event = catalog.decode(recorded);
    if (event.type === 'MessageSent') landed.push(event.data);
  }
  const isDense = landed.every(({ seq }, i) => seq === i + 1);
  const ids = new Set(landed.map(({ messageId }) => messageId));
  return isDense && ids.size === landed.length && sent.every((id) => ids.has(id)) && ids.size === sent.length;
};

/** What it costs when two processes send into one conversation, against one process with the same senders. */
export const benchTwoProcesses = async (): Promise<void> => {
  const mongo = mongoKind();
  if (mongo === undefined) return console.log('\nTwo processes on one conversation: there is no MongoDB here');
  await using scope = new AsyncDisposableStack();
  const esdb = scope.use(await startEventStoreDb());
  const { port } = scope.use(await Server.start(mongo));
  const { folder } = scope.use(await temporaryFolder());
  const url = new URL(mongoUrl(port));
  url.pathname = '/bench';
  const shared = { EVENTSTOREDB_URL: esdb.url, MONGODB_URL: url.href, LOG_LEVEL: 'error' };
  const start = async (roles: string): Promise<Rest> =>
    scope.use(new Rest(scope.use(await ServerProcess.start(folder, { ...shared, ROLES: roles })).origin, senders));
  await start('projector,worker');
  const [here, there] = [await start('api'), await start('api')];
  await here.call({ method: 'POST', path: '/v1/users', body: { username: 'ann', password: 'secret of ann' } });
  const [ann, elsewhere] = [await signIn(here), await signIn(there)];
  const conversations = await Promise.all(
    ['one', 'two'].map((name) => ann.start({ kind: 'group', name }).then(({ conversationId }) => conversationId)),
  );
  const one = Array.from({ length: senders }, () => ann);
  const two = one.map((client, i) => (i % 2 === 0 ? client : elsewhere));
  // Until both have the code and the streams at hand.
  const warmUp = [newPhase(), newPhase()] as const;
  await run(one, conversations[0]!, warmUp[0]);
  await run(two, conversations[1]!, warmUp[1]);
  const phases = [newPhase(), newPhase()] as const;
  for (let round = 0; round < rounds; round += 1) {
    await run(one, conversations[0]!, phases[0]);
    await run(two, conversations[1]!, phases[1]);
  }
  const landed = await Promise.all(
    phases.map(({ sent }, i) => allLanded(esdb.url, conversations[i]!, [...warmUp[i]!.sent, ...sent])),
  );
  const [costOne, costTwo] = phases.map(({ cpuMs: cpu, sent }) => cpu / sent.length);
  const [latencyOne, latencyTwo] = phases.map(({ latencies }) => percentile(latencies, 0.5));
  const ratio = (a: number | undefined, b: number | undefined): string => ((b ?? 0) / (a ?? 1)).toFixed(2);
  const row = (what: string, tell: (phase: Phase) => string, last = ''): string[] => [what, ...phases.map(tell), last];
  printTable(`${senders} at once send into one conversation, EventStoreDB test server and MongoDB's stand-in`, [
    ['', 'one process', 'two processes', 'ratio'],
    row('acknowledged', ({ sent, seconds }) => rate(sent.length / seconds)),
    row('until acknowledged, p50 · p99', ({ latencies }) => spread(latencies), ratio(latencyOne, latencyTwo)),
    row(
      'processor for one, of the API processes',
      (phase) => milliseconds(phase.cpuMs / phase.sent.length),
      ratio(costOne, costTwo),
    ),
    row('refused at first, then repeated', ({ refused }) => `${refused}`),
  ]);
  console.log(
    `  ${landed.every(Boolean) ? 'Holds' : 'DOES NOT HOLD'}: all sends land, once, in numbers without a gap.`,
  );
  const holds = costTwo! <= 3 * costOne!;
  console.log(`  ${holds ? 'Holds' : 'DOES NOT HOLD'}: a send costs at most three times as much with two processes.`);
};
