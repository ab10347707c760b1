import path from 'node:path';
import { openDatabase } from '../adapters/sqlite/database.ts';

export interface LeastLog {
  /** One event and one head of a conversation, durable. */
  readonly one: (body: string) => void;
  /** So many at once, durable together. */
  readonly many: (bodies: readonly string[]) => void;
  readonly close: () => void;
}

/** The least that could keep a message: one row, one updated head, one durable commit. Nothing is checked. */
export const openLeastLog = (folder: string): LeastLog => {
  const tables = `create table events (position integer primary key, body text not null) strict;
    create table heads (id integer primary key, last integer not null) strict;
    insert into heads values (1, 0)`;
  const db = openDatabase(path.join(folder, 'least.db'), { synchronous: 'full', migrations: [tables], cacheMiB: 8 });
  const insert = db.prepare('insert into events (body) values (?)');
  const update = db.prepare('update heads set last = last + 1 where id = 1');
  const many = (bodies: readonly string[]): void => {
    db.exec('begin immediate');
    for (const body of bodies) {
      insert.run(body);
      update.run();
    }
    db.exec('commit');
  };
  return { one: (body) => many([body]), many, close: () => db.close() };
};

/** Durable commits in a second, one event each, for a while. */
export const leastCommits = (
  folder: string,
  forMs: number,
): { readonly rate: number; readonly latencies: number[] } => {
  const log = openLeastLog(folder);
  const latencies: number[] = [];
  const body = JSON.stringify({ text: 'x'.repeat(60), at: new Date().toISOString() });
  const startedAt = performance.now();
  while (performance.now() - startedAt < forMs) {
    const before = performance.now();
    log.one(body);
    latencies.push(performance.now() - before);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  log.close();
  return { rate: latencies.length / seconds, latencies };
};
