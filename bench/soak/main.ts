import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Rest } from '../../app/demo/client/rest.ts';
import { ServerProcess, temporaryFolder } from '../../app/demo/server-process.ts';
import { runPaced } from '../paced.ts';
import { milliseconds, percentile, printTable, rate, spread } from '../statistics.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import { boundsOf, growthOf, judgeGrowth } from './verdict.ts';
import { watchVitals, type Vitals } from './vitals.ts';

/** A fixed rate of everything for a long time, history growing: nothing may be lost, and memory must stay flat. */
const seconds = Number(process.env['SOAK_SECONDS'] ?? 3_600);
const perSecond = Number(process.env['SOAK_RATE'] ?? 100);
const samples = 60;

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const perHour = (perMessage: number): string => `${megabytes((perMessage * perSecond * 3_600) / 2)}/h`;
const bytes = ({ perX, error }: { readonly perX: number; readonly error: number }): string =>
  `${Math.round(perX)} ± ${Math.round(2 * error)} B`;

const soak = async () => {
  await using data = await temporaryFolder();
  const collector = pathToFileURL(path.join(import.meta.dirname, 'collect-on-signal.ts')).href;
  const environment = { LOG_LEVEL: 'warn', NODE_OPTIONS: `--import ${collector}` };
  await using server = await ServerProcess.start(data.folder, environment);
  using rest = new Rest(server.origin, 16);
  const ledger = new Ledger();
  const load = await Load.start(rest, ledger);
  const ending = new AbortController();
  const watching = watchVitals({
    rest,
    collect: () => server.signal('SIGUSR2'),
    messages: () => ledger.sent,
    everyMs: (seconds * 1000) / samples,
    // A run that is cut short has said something.
    tell: (sample) => console.error(rowOf(sample).join('  ')),
    signal: ending.signal,
  });
  const paced = await runPaced(perSecond, seconds, (index) =>
    load.turn(index).catch((error: unknown) => void ledger.problems.push(String(error))),
  );
  ending.abort();
  const vitals = await watching;
  const deadline = performance.now() + 30_000;
  let compared = await load.compare();
  while (compared.behind > 0 && performance.now() < deadline) compared = await load.compare();
  await load.stop();
  return { paced, vitals, ledger, compared };
};

const rowOf = ({ seconds: after, messages, heapBytes, residentBytes, files, loopDelayMs }: Vitals): string[] => [
  `${Math.round(after)} s`,
  String(messages),
  megabytes(heapBytes),
  megabytes(residentBytes),
  String(files),
  milliseconds(loopDelayMs),
];

const printVitals = (vitals: readonly Vitals[]): void => {
  const shown = vitals.filter((_, index) => index % Math.ceil(vitals.length / 12) === 0 || index === vitals.length - 1);
  printTable('The server meanwhile, after its garbage was collected', [
    ['after', 'messages', 'heap', 'resident', 'open files', 'event loop late, p99'],
    ...shown.map(rowOf),
  ]);
};

const { paced, vitals, ledger, compared } = await soak();
const growth = growthOf(vitals);
printVitals(vitals);
printTable(
  `${perSecond} turns/s for ${seconds} s: half send, a fifth read, a tenth each edit, search, and tell what was read`,
  [
    ['done', rate(paced.rate)],
    ['until answered, p50 · p99', spread(paced.latencies)],
    ['messages acknowledged', String(ledger.sent)],
    ['messages lost, doubled or other than acknowledged', String(compared.wrong)],
    ['heap grows with each message · at this rate', `${bytes(growth.heap)} · ${perHour(growth.heap.perX)}`],
    ['resident memory', `${bytes(growth.resident)} · ${perHour(growth.resident.perX)}`],
    [
      'event loop late, p99, the worst sample',
      milliseconds(
        percentile(
          vitals.map(({ loopDelayMs }) => loopDelayMs),
          1,
        ),
      ),
    ],
  ],
);
const wrong = [
  ...(ledger.sent === 0 ? ['nothing was sent'] : []),
  ...(compared.wrong > 0 ? [`${compared.wrong} messages are not as they were acknowledged`] : []),
  ...(compared.behind > 0 ? [`${compared.behind} people were not pushed everything`] : []),
  ...[...new Set(ledger.problems)].slice(0, 10),
  ...judgeGrowth(growth, boundsOf(seconds)),
];
console.log(
  wrong.length === 0 ? '  Holds: nothing lost, memory within its bounds.' : `  DOES NOT HOLD: ${wrong.join('; ')}`,
);
if (wrong.length > 0) process.exitCode = 1;
