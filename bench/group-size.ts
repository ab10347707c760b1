import { v7 } from 'uuid';
import { ChatClient } from '../app/demo/client/chat-client.ts';
import { Rest } from '../app/demo/client/rest.ts';
import { ServerProcess, temporaryFolder } from '../app/demo/server-process.ts';
import { openWriting } from '../app/cli/writing.ts';
import { loadConfig } from '../app/config.ts';
import type { CommandBus } from '../commands/command-bus.ts';
import { defaultSettings } from '../domain/conversation/values.ts';
import { derivedId } from '../domain/ids.ts';
import { openLeastLog } from './least-log.ts';
import { milliseconds, percentile, printTable, spread } from './statistics.ts';

const large = 10_000;
const warmUp = 200;
const counted = 1_500;
const rounds = 5;
const text = 'x'.repeat(60);

/** In steps, because a lane takes only so many commands at once. */
const inSteps = async (count: number, step: number, work: (index: number) => Promise<unknown>): Promise<void> => {
  for (let first = 0; first < count; first += step) {
    await Promise.all(Array.from({ length: Math.min(step, count - first) }, (_, offset) => work(first + offset)));
  }
};

const guestId = (index: number): string => derivedId('bench', 'guest', String(index));

const seedGuests = async (bus: CommandBus): Promise<void> =>
  await inSteps(large, 200, (index) => {
    const userId = guestId(index);
    const data = { userId, username: `guest-${index}`, displayName: `Guest ${index}` };
    return bus.user(userId, { commandId: v7(), actorId: userId, command: { type: 'RegisterUser', data } });
  });

const seedGroup = async (bus: CommandBus, ownerId: string, members: number): Promise<string> => {
  const conversationId = v7();
  const settings = { ...defaultSettings, maxMembers: 100_000 };
  const data = {
    conversationId,
    kind: 'group',
    name: `Group of ${members}`,
    topic: null,
    memberIds: [],
    settings,
  } as const;
  const start = { commandId: v7(), actorId: ownerId, command: { type: 'StartConversation', data } } as const;
  await bus.conversation(conversationId, start);
  await inSteps(members - 1, 200, (index) =>
    bus.conversation(conversationId, {
      commandId: v7(),
      actorId: ownerId,
      command: { type: 'PutMember', data: { userId: guestId(index) } },
    }),
  );
  return conversationId;
};

const cpuLine = /^process_cpu_seconds_total (\S+)/m;

const cpuSeconds = async (rest: Rest): Promise<number> => {
  const { text: metrics } = await rest.call({ method: 'GET', path: '/metrics' });
  return Number(cpuLine.exec(metrics)?.[1]);
};

interface Cost {
  readonly latencies: number[];
  /** Milliseconds of the server's processor for one send. */
  readonly cpu: number[];
}

const measure = async (client: ChatClient, conversationId: string, sends: number, cost: Cost): Promise<void> => {
  const before = await cpuSeconds(client.rest);
  const messages = `/v1/conversations/${conversationId}/messages`;
  const headers = { authorization: `Bearer ${client.accessToken}` };
  let last = '';
  for (let sent = 0; sent < sends; sent += 1) {
    const startedAt = performance.now();
    const put = { method: 'PUT', path: `${messages}/${v7()}`, headers, body: { text } };
    last = (await client.rest.ask(put)).position;
    cost.latencies.push(performance.now() - startedAt);
  }
  // A read that waits for the last write: what the read models did for it counts, too.
  await client.ask('GET', `${messages}?limit=1`, undefined, last);
  cost.cpu.push((((await cpuSeconds(client.rest)) - before) * 1000) / sends);
};

const leastSend = (folder: string): readonly number[] => {
  const log = openLeastLog(folder);
  const latencies = Array.from({ length: counted }, () => {
    const before = performance.now();
    log.one(JSON.stringify({ text, at: new Date().toISOString() }));
    return performance.now() - before;
  });
  log.close();
  return latencies;
};

/** What one send costs in a group of ten thousand, and in a group of two, with nobody else online. */
export const benchGroupSize = async (): Promise<void> => {
  await using data = await temporaryFolder();
  await using server = await ServerProcess.start(data.folder, { LOG_LEVEL: 'warn' });
  using rest = new Rest(server.origin);
  const owner = new ChatClient(rest, { username: 'owner', password: 'secret of the owner' });
  await owner.register();
  await server.stop();
  const ids = await seed(data.folder, owner.userId);
  await server.start();
  await owner.login();
  const costs = { two: { latencies: [], cpu: [] }, many: { latencies: [], cpu: [] } } satisfies Record<string, Cost>;
  for (const id of [ids.two, ids.many]) await measure(owner, id, warmUp, { latencies: [], cpu: [] });
  for (let round = 0; round < rounds; round += 1) {
    await measure(owner, ids.two, counted / rounds, costs.two);
    await measure(owner, ids.many, counted / rounds, costs.many);
  }
  await using leastFolder = await temporaryFolder();
  const least = leastSend(leastFolder.folder);
  const [two, many] = [costs.two.latencies, costs.many.latencies].map((samples) => percentile(samples, 0.5));
  const [cpuTwo, cpuMany] = [costs.two.cpu, costs.many.cpu].map((samples) => percentile(samples, 0.5));
  const ratio = many! / two!;
  const cpuRatio = cpuMany! / cpuTwo!;
  printTable(`One send after another, into a group of ${large} and into a group of two`, [
    ['', 'group of two', `group of ${large}`, 'ratio', 'a bare row and head'],
    [
      'until acknowledged, p50 · p99',
      spread(costs.two.latencies),
      spread(costs.many.latencies),
      ratio.toFixed(2),
      spread(least),
    ],
    [
      'processor for one, read models included',
      milliseconds(cpuTwo!),
      milliseconds(cpuMany!),
      cpuRatio.toFixed(2),
      '–',
    ],
  ]);
  const holds = ratio <= 2 && cpuRatio <= 2;
  console.log(`  ${holds ? 'Holds' : 'DOES NOT HOLD'}: a send into ${large} costs at most twice one into two.`);
};

const seed = async (folder: string, ownerId: string): Promise<{ readonly two: string; readonly many: string }> => {
  await using writing = await openWriting(loadConfig({ DATA_DIR: folder }));
  await seedGuests(writing.bus);
  return { two: await seedGroup(writing.bus, ownerId, 2), many: await seedGroup(writing.bus, ownerId, large) };
};
