import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { beforeLog } from '../../../ports/event-store.ts';
import { Follower } from '../../contract/follower.ts';
import { Child } from './child.ts';
import { temporaryPath } from './temporary.ts';

const printed = (child: Child, lines: number): Promise<void> =>
  vi.waitFor(() => expect(child.lines.length).toBeGreaterThan(lines), { timeout: 15_000, interval: 1 });

const expectIntact = (path: string): void => {
  const db = new DatabaseSync(path);
  expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  db.close();
};

test('every acknowledged append survives a killed process, and streams stay without gaps', async () => {
  const path = temporaryPath('events.db');
  const acknowledged: string[] = [];
  for (let round = 1; round <= 3; round += 1) {
    const child = new Child('./appending-process.ts', path);
    await printed(child, 200 * round);
    await child.kill();
    acknowledged.push(...child.lines);
    await using store = new SqliteEventStore(path);
    const events = await store.readLog(beforeLog, 1_000_000);
    const ids = new Set(events.map(({ id }) => id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBe(events.length);
    const lengths = new Map<string, number>();
    for (const { stream, revision } of events) {
      expect(revision).toBe(lengths.get(stream) ?? 0);
      lengths.set(stream, revision + 1);
    }
    expectIntact(path);
  }
});

test('a killed process leaves documents and their checkpoint at the same place', async () => {
  const path = temporaryPath('read-models.db');
  const child = new Child('./committing-process.ts', path);
  await printed(child, 50);
  await child.kill();
  await using store = new SqliteDocumentStore(path);
  const reached = await store.checkpoint('c');
  expect(reached! >= BigInt(child.lines.at(-1)!)).toBe(true);
  const documents = await store.find<{ n: number }>('things', { index: 'byN', equal: [], limit: 100 });
  expect(documents).toHaveLength(50);
  expect(documents.every(({ position, body }) => position === reached && body.n === Number(reached))).toBe(true);
  expectIntact(path);
});

test('a subscription sees everything another process writes, in order, while writing itself', async () => {
  const path = temporaryPath('events.db');
  await using store = new SqliteEventStore(path, { pollMs: 10 });
  await using follower = new Follower(store, beforeLog);
  const child = new Child('./appending-process.ts', path);
  await printed(child, 0);
  for (let revision = -1; revision < 50; revision += 1) {
    const metadata = { commandId: 'c', actorId: 'a', schemaVersion: 1 };
    await store.append('own', [{ id: `own-${revision}`, type: 'Own', data: {}, metadata }], revision);
  }
  await printed(child, 300);
  await child.kill();
  const all = await store.readLog(beforeLog, 1_000_000);
  await follower.caughtUpAfter(all.length);
  expect(follower.events).toEqual(all);
  expect(all.filter(({ stream }) => stream === 'own')).toHaveLength(51);
});
