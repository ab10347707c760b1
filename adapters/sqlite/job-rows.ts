import type { DatabaseSync } from 'node:sqlite';
import type { FailedJob, Job, JobCounts, NewJob } from '../../ports/jobs.ts';
import { inTransaction, openDatabase, Statements } from './database.ts';

const migrations: readonly string[] = [
  `create table jobs (
    kind text not null,
    id text not null,
    data text not null,
    every_ms integer,
    state text not null,
    run_at integer not null,
    failures integer not null,
    lease text,
    lease_until integer,
    error text,
    primary key (kind, id)
  ) strict;
  create index waiting on jobs (run_at) where state = 'waiting';
  create index running on jobs (lease_until) where state = 'running';
  create index parked on jobs (kind, id) where state = 'parked'`,
  `alter table jobs add column failing_since integer;
  create index failing on jobs (failing_since) where state <> 'parked' and failing_since is not null`,
];

type Row = Readonly<Record<string, unknown>>;

const toJob = (row: Row): Job => ({
  kind: row['kind'] as string,
  id: row['id'] as string,
  data: JSON.parse(row['data'] as string) as unknown,
});

/** Rows that were parked by an earlier version have no time but that of their last run. */
const toFailed = (row: Row): FailedJob => ({
  kind: row['kind'] as string,
  id: row['id'] as string,
  failures: Number(row['failures']),
  error: row['error'] as string,
  since: Number(row['failing_since'] ?? row['run_at']),
});

/** That of a job's last run. */
export interface Failure {
  /** In a row, this one included. */
  readonly failures: number;
  /** Class of the error. */
  readonly error: string;
}

/** A job that a worker has taken; it is his until the lease is over. */
export interface TakenJob {
  readonly job: Job;
  readonly lease: string;
  /** Failures in a row before this run. */
  readonly failures: number;
  /** Null for a job that is run once. */
  readonly everyMs: number | null;
}

/** The table of jobs. All times are milliseconds since the epoch. Losing the last moments to a power cut is allowed. */
export class JobRows {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'normal', migrations, cacheMiB: 2 });
    this.#statements = new Statements(this.#db);
  }

  add({ kind, id, data, delayMs = 0, everyMs }: NewJob, now: number): void {
    const sql = `insert or ignore into jobs (kind, id, data, every_ms, state, run_at, failures)
      values (?, ?, ?, ?, 'waiting', ?, 0)`;
    const every = everyMs === undefined ? null : Math.round(everyMs);
    this.#statements.get(sql).run(kind, id, JSON.stringify(data ?? null), every, Math.round(now + delayMs));
  }

  has(kind: string, id: string): boolean {
    return this.#statements.get('select 1 from jobs where kind = ? and id = ?').get(kind, id) !== undefined;
  }

  /** Takes the job that is due first, or one whose worker has died. */
  take(now: number, lease: string, leaseUntil: number): TakenJob | undefined {
    return inTransaction(this.#db, () => {
      const row =
        this.#statements
          .get(`select * from jobs where state = 'running' and lease_until <= ? order by lease_until limit 1`)
          .get(now) ??
        this.#statements
          .get(`select * from jobs where state = 'waiting' and run_at <= ? order by run_at, rowid limit 1`)
          .get(now);
      if (row === undefined) return undefined;
      const job = toJob(row);
      this.#statements
        .get(`update jobs set state = 'running', lease = ?, lease_until = ? where kind = ? and id = ?`)
        .run(lease, leaseUntil, job.kind, job.id);
      const everyMs = row['every_ms'] === null ? null : Number(row['every_ms']);
      return { job, lease, failures: Number(row['failures']), everyMs };
    });
  }

  renew({ job, lease }: TakenJob, leaseUntil: number): void {
    this.#statements
      .get('update jobs set lease_until = ? where kind = ? and id = ? and lease = ?')
      .run(leaseUntil, job.kind, job.id, lease);
  }

  /** Without effect once another worker has taken the job; so are the next ones. */
  remove({ job, lease }: TakenJob): void {
    this.#statements.get('delete from jobs where kind = ? and id = ? and lease = ?').run(job.kind, job.id, lease);
  }

  putBack({ job, lease }: TakenJob, runAt: number): void {
    const sql = `update jobs set state = 'waiting', run_at = ?, failures = 0, error = null, failing_since = null,
      lease = null, lease_until = null where kind = ? and id = ? and lease = ?`;
    this.#statements.get(sql).run(Math.round(runAt), job.kind, job.id, lease);
  }

  /** `runAt`: when it is tried again; undefined: it is parked. */
  fail({ job, lease }: TakenJob, { failures, error }: Failure, now: number, runAt: number | undefined): void {
    const sql = `update jobs set state = ?, run_at = coalesce(?, run_at), failures = ?, error = ?,
      failing_since = coalesce(failing_since, ?), lease = null, lease_until = null
      where kind = ? and id = ? and lease = ?`;
    const state = runAt === undefined ? 'parked' : 'waiting';
    const next = runAt === undefined ? null : Math.round(runAt);
    this.#statements.get(sql).run(state, next, failures, error, now, job.kind, job.id, lease);
  }

  /** When the next job is due or the next lease over; undefined when nothing is kept. */
  next(): number | undefined {
    const sql = `select min(at) as at from (
      select min(run_at) as at from jobs where state = 'waiting'
      union all select min(lease_until) from jobs where state = 'running')`;
    const at = this.#statements.get(sql).get()?.['at'];
    return at === null || at === undefined ? undefined : Number(at);
  }

  parked(limit: number): readonly FailedJob[] {
    const rows = this.#statements.get(`select * from jobs where state = 'parked' order by kind, id limit ?`).all(limit);
    return rows.map(toFailed);
  }

  failing(limit: number): readonly FailedJob[] {
    const sql = `select * from jobs where state <> 'parked' and failing_since is not null order by failing_since limit ?`;
    return this.#statements.get(sql).all(limit).map(toFailed);
  }

  resume(kind: string, id: string, now: number): boolean {
    const sql = `update jobs set state = 'waiting', run_at = ?, failures = 0, error = null, failing_since = null
      where kind = ? and id = ? and state = 'parked'`;
    return Number(this.#statements.get(sql).run(now, kind, id).changes) > 0;
  }

  counts(): JobCounts {
    const sql = 'select state, count(*) as count, count(failing_since) as failing from jobs group by state';
    const rows = this.#statements.get(sql).all();
    const found = new Map(rows.map((row) => [row['state'], Number(row['count'])]));
    const failing = rows.filter((row) => row['state'] !== 'parked').map((row) => Number(row['failing']));
    return {
      waiting: found.get('waiting') ?? 0,
      running: found.get('running') ?? 0,
      failing: failing.reduce((sum, count) => sum + count, 0),
      parked: found.get('parked') ?? 0,
    };
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}
