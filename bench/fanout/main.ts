import { temporaryFolder } from '../../app/demo/server-process.ts';
import { milliseconds, percentile, printTable, rate, spread } from '../statistics.ts';
import type { Figures } from './figures.ts';
import { measureLeast } from './least.ts';
import { measureParley } from './parley.ts';
import { seed } from './seed.ts';

const gibibyte = 1024 ** 3;

const perSocket = ({ idleBefore, idleAfter }: Figures, size: number): number => (idleAfter - idleBefore) / size;
const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
const inGibibyte = (figures: Figures, size: number): string =>
  `about ${Math.round((gibibyte - figures.idleBefore) / perSocket(figures, size))}`;

/** Many sockets on one process, all members of one group: what they cost, and how fast they are told. */
export const benchFanout = async (size: number): Promise<void> => {
  const rounds = size >= 5_000 ? 20 : 10;
  const least = await measureLeast(size, rounds);
  await using data = await temporaryFolder();
  const seeded = await seed(data.folder, size + 2);
  const parley = await measureParley(data.folder, seeded, rounds);
  const last = (figures: Figures): string => spread(figures.untilLast);
  const rows: readonly (readonly [string, (figures: Figures) => string])[] = [
    ['memory of one more idle socket', (figures) => kibibytes(perSocket(figures, size))],
    ['idle sockets in 1 GiB, reckoned from that', (figures) => inGibibyte(figures, size)],
    ['deliveries to 1 other (and the sender)', ({ one }) => rate(one)],
    ['deliveries to 100 others', ({ hundred }) => rate(hundred)],
    [`deliveries to ${size}`, ({ all }) => rate(all)],
    [`from a send to the last of ${size}, p50 · p99`, last],
    [`${size} come back at once, p50 · p99`, ({ storm }) => spread(storm)],
    ['all are back after', ({ storm }) => milliseconds(Math.max(...storm))],
  ];
  printTable(`${size} sockets from one other process, all members of one group`, [
    ['', 'Parley', 'a bare broadcast'],
    ...rows.map(([name, of]) => [name, of(parley), of(least)]),
  ]);
  const { quiet, busy } = parley;
  const each = percentile(parley.untilLast, 0.5);
  console.log(
    `  Parley's have said hello, and came back with what they missed; its sends are durable before they are told.`,
  );
  console.log(
    `  Deliveries in a conversation of two aside, p50 · p99: ${spread(quiet)}; while ${size} are told: ${spread(busy)}.`,
  );
  const holds = percentile(busy, 0.99) < Math.max(250, 3 * each);
  console.log(`  ${holds ? 'Holds' : 'DOES NOT HOLD'}: a large conversation does not stall a small one.`);
};
