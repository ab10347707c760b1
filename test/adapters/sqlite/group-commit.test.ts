import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { beforeLog, EventStoreUnavailable, noStream } from '../../../ports/event-store.ts';
import { newEvent, newEvents, newStream } from '../../contract/events.ts';
import { temporaryPath } from './temporary.ts';

/** Transactions in a write-ahead log: its frames that close one carry the size of the database, others zero. */
const transactionsIn = (path: string): number => {
  const log = readFileSync(`${path}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  const salt = log.readBigUInt64BE(16);
  let transactions = 0;
  for (let at = 32; at + frame <= log.length && log.readBigUInt64BE(at + 8) === salt; at += frame) {
    if (log.readUInt32BE(at + 4) > 0) transactions += 1;
  }
  return transactions;
};

test('appends waiting at the same moment share one transaction', async () => {
  const path = temporaryPath('events.db');
  await using store = new SqliteEventStore(path);
  const before = transactionsIn(path);
  await Promise.all(Array.from({ length: 100 }, () => store.append(newStream(), newEvents(2), noStream)));
  expect(transactionsIn(path) - before).toBe(1);
  for (let i = 0; i < 5; i += 1) await store.append(newStream(), newEvents(2), noStream);
  expect(transactionsIn(path) - before).toBe(6);
});

test('a transaction is bounded in events and in size', async () => {
  const path = temporaryPath('events.db');
  await using store = new SqliteEventStore(path);
  const before = transactionsIn(path);
  await Promise.all(Array.from({ length: 30 }, () => store.append(newStream(), newEvents(100), noStream)));
  expect(transactionsIn(path) - before).toBe(3);
  const large = (): Promise<unknown> => store.append(newStream(), [newEvent('x'.repeat(1_500_000))], noStream);
  await Promise.all([large(), large(), large(), large()]);
  expect(transactionsIn(path) - before).toBe(5);
});

test('when a transaction fails all its appends reject, nothing is written, and repeating them works', async () => {
  const path = temporaryPath('events.db');
  await using store = new SqliteEventStore(path);
  const saboteur = new DatabaseSync(path);
  saboteur.exec(`create trigger fail before insert on events when new.type = 'Fails'
    begin select raise(fail, 'no room'); end`);
  const good = [newEvent(), newEvent()];
  const bad = [newEvent(), { ...newEvent(), type: 'Fails' }];
  const appendBoth = (): Promise<unknown>[] => [
    store.append('good', good, noStream),
    store.append('bad', bad, noStream),
    store.append('conflicting', good, 7),
  ];
  for (const outcome of await Promise.allSettled(appendBoth())) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { cause: { message: 'no room' } } });
    expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(EventStoreUnavailable);
  }
  expect(await store.head()).toBe(beforeLog);
  saboteur.exec('drop trigger fail');
  saboteur.close();
  const outcomes = await Promise.allSettled(appendBoth());
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(await store.readLog(beforeLog, 10)).toHaveLength(4);
});
