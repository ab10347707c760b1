import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import { SqliteJobs } from '../../../adapters/sqlite/jobs.ts';
import { jobsContract } from '../../contract/jobs.contract.ts';
import { quickly } from '../../contract/working-settings.ts';
import { Child } from './child.ts';
import { inMemory, onFiles, temporaryPath } from './temporary.ts';

jobsContract(
  'SQLite, on a file',
  onFiles((path) => new SqliteJobs(path, quickly)),
);
jobsContract(
  'SQLite, in memory',
  inMemory((path) => new SqliteJobs(path, quickly)),
);

test('a job whose process was killed in the middle of it is run by another', async () => {
  const path = temporaryPath('jobs.db');
  await using jobs = new SqliteJobs(path, quickly);
  await jobs.enqueue({ kind: 'hang', id: 'once', data: 1 });
  await jobs.enqueue({ kind: 'hang', id: 'repeated', data: 2, everyMs: 10_000 });
  const child = new Child('./working-process.ts', path);
  await vi.waitFor(() => expect(child.lines.toSorted()).toEqual(['once', 'repeated']), { timeout: 10_000 });
  await child.kill();
  const ran: unknown[] = [];
  jobs.work({ hang: async ({ data }) => void ran.push(data) });
  await vi.waitFor(() => expect(new Set(ran)).toEqual(new Set([1, 2])), { timeout: 10_000 });
  await vi.waitFor(async () => expect(await jobs.counts()).toEqual({ waiting: 1, running: 0, failing: 0, parked: 0 }));
});

test('jobs that an earlier version has kept are still there, parked ones since their last run', async () => {
  const path = temporaryPath('jobs.db');
  await new SqliteJobs(path)[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  db.exec(`drop index failing; alter table jobs drop column failing_since; pragma user_version = 1;
    insert into jobs (kind, id, data, state, run_at, failures, error) values
      ('note', 'waiting', 'null', 'waiting', 5, 0, null), ('note', 'parked', 'null', 'parked', 7, 10, 'RangeError')`);
  db.close();
  await using jobs = new SqliteJobs(path, quickly);
  expect(await jobs.counts()).toEqual({ waiting: 1, running: 0, failing: 0, parked: 1 });
  expect(await jobs.parked(10)).toEqual([{ kind: 'note', id: 'parked', failures: 10, error: 'RangeError', since: 7 }]);
});
