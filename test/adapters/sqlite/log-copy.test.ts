import { expect, test } from 'vitest';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { SqliteLogCopy } from '../../../adapters/sqlite/log-copy.ts';
import { beforeLog } from '../../../ports/event-store.ts';
import { OutOfOrder } from '../../../ports/log-copy.ts';
import { foreignLog, logCopyContract, type CopyPlace } from '../../contract/log-copy.contract.ts';
import { temporaryPath } from './temporary.ts';

const open = (path: string): CopyPlace => {
  const scope = new AsyncDisposableStack();
  const copy = scope.use(new SqliteLogCopy(path));
  const events = scope.use(new SqliteEventStore(path));
  return { copy, events, [Symbol.asyncDispose]: () => scope.disposeAsync() };
};

logCopyContract('SQLite', async () => ({ store: open(temporaryPath('events.db')) }));

test('positions stay as they were, so that nobody who holds one has to know', async () => {
  await using place = open(temporaryPath('events.db'));
  const log = foreignLog(500);
  await place.copy.restore(log);
  expect(await place.events.readLog(beforeLog, 1_000)).toEqual(log);
});

test('an event that would stand before one that is there is refused, and nothing of its call is written', async () => {
  await using place = open(temporaryPath('events.db'));
  const log = foreignLog(10);
  await place.copy.restore(log.slice(0, 8));
  const early = { ...log[9]!, position: 2n };
  await expect(place.copy.restore([log[8]!, early])).rejects.toBeInstanceOf(OutOfOrder);
  expect(await place.events.readLog(beforeLog, 1_000)).toEqual(log.slice(0, 8));
});
