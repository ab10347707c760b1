import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { emptyTally, takePart, type Tally } from './activity.ts';
import { compareCopies, compareCounts } from './checks/compare.ts';
import { compareDumps, dumpReadModels } from './checks/read-model-dump.ts';
import { foldLog } from './checks/log-fold.ts';
import { readWholeLog } from './checks/log-file.ts';
import type { ChatClient } from './client/chat-client.ts';
import { Rest } from './client/rest.ts';
import { dataFiles } from '../data-files.ts';
import { gatherPeople, startConversations } from './gather.ts';
import { table, tell } from './lines.ts';
import { seededRandom } from './random.ts';
import { runCli } from './run-cli.ts';
import { ServerProcess } from './server-process.ts';
import { untilNothing } from './until.ts';

const secondsOfTalk = Number(process.env['DEMO_SECONDS'] ?? 20);
const seed = Number(process.env['DEMO_SEED'] ?? Date.now() % 1_000_000);

const talk = async (clients: readonly ChatClient[], server: ServerProcess): Promise<Tally> => {
  const tally = emptyTally();
  const ending = new AbortController();
  const taking = clients.map((client, index) =>
    takePart(client, { random: seededRandom(seed + index), tally, signal: ending.signal }),
  );
  const restart = async (): Promise<void> => {
    await pause((secondsOfTalk * 1000) / 2);
    tell('── the server is told to stop, in the middle of it all ──');
    await server.stop();
    await server.start();
    tell('── the server is back; everyone reconnects from where they were ──');
    await pause((secondsOfTalk * 1000) / 2);
    ending.abort();
  };
  await Promise.all([...taking, restart()]);
  return tally;
};

interface Check {
  readonly what: string;
  readonly differences: readonly string[];
}

const checkCopies = async (clients: readonly ChatClient[]): Promise<Check & { readonly messages: number }> => {
  let messages = 0;
  const differences = await untilNothing(async () => {
    await Promise.all(clients.map((client) => client.settled()));
    const reports = await Promise.all(clients.map((client) => compareCopies(client)));
    messages = reports.reduce((sum, report) => sum + report.messages, 0);
    return reports.flatMap((report) => report.differences);
  }, 10_000);
  return { what: 'every copy equals the server’s history', differences, messages };
};

const checkCounts = async (clients: readonly ChatClient[], folder: string) => {
  const log = await readWholeLog(path.join(folder, dataFiles.events));
  const folded = foldLog(log);
  const differences = (await Promise.all(clients.map((client) => compareCounts(client, folded)))).flat();
  return { what: 'unread counts equal the fold of the log', differences, events: log.length };
};

const checkRebuild = async (folder: string): Promise<Check & { readonly documents: number }> => {
  const live = await dumpReadModels(folder);
  const { code, output } = await runCli(['rebuild', '--data-dir', folder]);
  const failed = code === 0 ? [] : [`parley rebuild ended with ${code}: ${output}`];
  const differences = [...failed, ...compareDumps(live, await dumpReadModels(folder))];
  return { what: 'a rebuild from event 1 equals the live read models', differences, documents: live.size };
};

const report = (check: Check): boolean => {
  tell(`${check.differences.length === 0 ? '✔' : '✘'} ${check.what}`);
  for (const difference of check.differences.slice(0, 20)) console.log(`    ${difference}`);
  if (check.differences.length > 20) console.log(`    … and ${check.differences.length - 20} more`);
  return check.differences.length === 0;
};

const demo = async (folder: string): Promise<boolean> => {
  tell(`seed ${seed}; a server starts on an empty folder`);
  await using server = await ServerProcess.start(folder, { LOG_LEVEL: 'warn' });
  tell(`it listens on ${server.origin}`);
  using rest = new Rest(server.origin, 64);
  const clients = await gatherPeople(rest);
  await startConversations(clients);
  const tally = await talk(clients, server);
  await Promise.all(clients.map((client) => client.connect()));
  tell('── everyone falls silent; now the books are compared ──');
  const copies = await checkCopies(clients);
  const counts = await checkCounts(clients, folder);
  const rebuild = await checkRebuild(folder);
  const passed = [copies, counts, rebuild].map((check) => report(check));
  if (server.output !== '') console.log(`\nThe server's log, warnings and worse:\n${server.output}`);
  const sum = (of: (client: ChatClient) => number): number => clients.reduce((total, client) => total + of(client), 0);
  const rows = [
    ['people', String(clients.length)],
    ['messages sent', String(tally.sent)],
    ['edited · deleted · deleted for oneself', `${tally.edited} · ${tally.deleted} · ${tally.hidden}`],
    ['reactions · reads', `${tally.reacted} · ${tally.read}`],
    ['away and back · cut off and back', `${tally.absences} · ${sum(({ reconnects }) => reconnects)}`],
    ['events in the log', String(counts.events)],
    ['messages compared, over all copies', String(copies.messages)],
    ['documents compared with the rebuild', String(rebuild.documents)],
    ['differences', String([copies, counts, rebuild].reduce((total, check) => total + check.differences.length, 0))],
  ] as const;
  console.log(`\n${table(rows)}\n`);
  await Promise.all(clients.map((client) => client.goAway()));
  await server.stop();
  return passed.every(Boolean);
};

const folder = await mkdtemp(path.join(tmpdir(), 'parley-demo-'));
try {
  process.exitCode = (await demo(folder)) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
