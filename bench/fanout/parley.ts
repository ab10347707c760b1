import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import path from 'node:path';
import { v7 } from 'uuid';
import { Rest } from '../../app/demo/client/rest.ts';
import { ServerProcess } from '../../app/demo/server-process.ts';
import { Crowd } from './crowd.ts';
import type { Bystander } from './bystander.ts';
import type { Figures } from './figures.ts';
import type { Seeded } from './seed.ts';

const text = 'x'.repeat(200);
const residentLine = /^process_resident_memory_bytes (\S+)$/m;

const residentBytes = async (rest: Rest): Promise<number> =>
  Number(residentLine.exec((await rest.call({ method: 'GET', path: '/metrics' })).text)?.[1]);

/** Two people aside, in a thread of their own; `during` runs while they send. */
const watchAside = async (bystander: Bystander, during: () => Promise<unknown>): Promise<readonly number[]> => {
  const worker = new Worker(path.join(import.meta.dirname, 'bystander.ts'), { workerData: bystander });
  await once(worker, 'message');
  await during();
  worker.postMessage('end', []);
  const [delays] = (await once(worker, 'message')) as [readonly number[]];
  await worker.terminate();
  return delays;
};

/** What the real server does in a process of its own, with all members connected to it from this one. */
export const measureParley = async (
  folder: string,
  { members, groups, aside }: Seeded,
  rounds: number,
): Promise<Figures & { readonly quiet: readonly number[]; readonly busy: readonly number[] }> => {
  await using server = await ServerProcess.start(folder, { LOG_LEVEL: 'warn' });
  using rest = new Rest(server.origin);
  const crowdSize = members.length - 2;
  using crowd = new Crowd({
    url: `${server.origin.replace('http', 'ws')}/v1/realtime`,
    hello: (index, since) => JSON.stringify({ id: 0, type: 'hello', token: members[index]!.token, since }),
  });
  const send = (conversationId: string): void =>
    crowd.sockets[0]!.send(JSON.stringify({ id: 1, type: 'send', conversationId, messageId: v7(), text }));
  const perSecond = (conversationId: string, recipients: number, count: number, inFlight: number) =>
    crowd.deliveries({ ask: () => send(conversationId), recipients, count, inFlight });

  const idleBefore = await residentBytes(rest);
  await crowd.open(crowdSize);
  const idleAfter = await residentBytes(rest);
  const one = await perSecond(groups.pair, 2, rounds * 20, 16);
  const hundred = await perSecond(groups.hundred, 101, rounds * 5, 16);
  const all = await perSecond(groups.all, crowdSize, rounds, 2);
  const untilLast: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const before = crowd.received;
    send(groups.all);
    await crowd.until(before + crowdSize);
    untilLast.push(performance.now() - startedAt);
  }

  const bystander: Bystander = {
    origin: server.origin,
    tokens: [members.at(-2)!.token, members.at(-1)!.token],
    conversationId: aside,
  };
  const nothing = AbortSignal.timeout(2_000);
  const quiet = await watchAside(bystander, () => once(nothing, 'abort'));
  const busy = await watchAside(bystander, () => perSecond(groups.all, crowdSize, rounds * 2, 1));

  const { position } = JSON.parse(crowd.last!.toString('utf8')) as { readonly position: string };
  const missed = 3;
  crowd.drop();
  const writer = new Crowd({
    url: `${server.origin.replace('http', 'ws')}/v1/realtime`,
    hello: () => JSON.stringify({ id: 0, type: 'hello', token: members[0]!.token }),
  });
  await writer.open(1);
  for (let sent = 0; sent < missed; sent += 1) {
    writer.sockets[0]!.send(JSON.stringify({ id: 1, type: 'send', conversationId: groups.all, messageId: v7(), text }));
    await writer.until(sent + 1);
  }
  writer.drop();
  const before = crowd.received;
  const storm = await crowd.storm(crowdSize, position);
  // What was missed is told before a socket is ready.
  const replayed = crowd.received - before;
  if (replayed !== missed * crowdSize) throw new Error(`${replayed} events were replayed, not ${missed * crowdSize}`);
  return { idleBefore, idleAfter, one, hundred, all, untilLast, storm, quiet, busy };
};
