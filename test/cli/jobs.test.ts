import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { BullMqJobs } from '../../adapters/bullmq/jobs.ts';
import { SqliteJobs } from '../../adapters/sqlite/jobs.ts';
import { runCli } from '../../app/demo/run-cli.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import type { Jobs } from '../../ports/jobs.ts';
import { openParley } from '../app/parley.ts';
import { quickly } from '../contract/working-settings.ts';
import { describeWith } from '../servers/suite.ts';

const secret = 'what somebody wrote';

/** Two parked jobs and one that fails again and again; then a worker that can do them. */
const tellsAndResumes = async (jobs: Jobs, folder: string, env: Readonly<Record<string, string>>): Promise<void> => {
  const parley = (...args: readonly string[]) => runCli(['jobs', ...args, '--data-dir', folder], env);
  const worker = jobs.work({
    note: async () => {
      throw new RangeError(secret);
    },
  });
  for (const id of ['a', 'b']) await jobs.enqueue({ kind: 'note', id, data: { text: secret } });
  await jobs.enqueue({ kind: 'note', id: 'again', data: secret, everyMs: 60_000 });
  await vi.waitFor(async () => expect(await jobs.counts()).toMatchObject({ parked: 2, failing: 1 }), 10_000);
  await worker[Symbol.asyncDispose]();

  const listed = await parley();
  const row = (state: string, id: string, failures: string) =>
    new RegExp(
      `^${state} +note/${id}  ${failures} failures in a row, the last a RangeError, since 20\\d\\d-\\S+Z$`,
      'm',
    );
  expect(listed.output).toMatch(/^1 waiting, 0 running \(1 of these failing\), 2 parked\n/);
  expect(listed.output).toMatch(row('parked', 'a', '3'));
  expect(listed.output).toMatch(row('parked', 'b', '3'));
  expect(listed.output).toMatch(row('failing', 'again', '\\d+'));
  expect(listed.output).not.toContain(secret);
  expect(listed.code).toBe(0);

  expect(await parley('resume', 'note/a')).toEqual({ code: 0, output: 'note/a resumed\n' });
  expect(await jobs.counts()).toMatchObject({ waiting: 2, parked: 1 });
  expect(await parley('resume', '--all')).toEqual({ code: 0, output: '1 resumed\n' });
  const ran = new Set<string>();
  jobs.work({ note: async ({ id }) => void ran.add(id) });
  await vi.waitFor(() => expect(ran).toEqual(new Set(['a', 'b', 'again'])), 10_000);
  await vi.waitFor(async () => expect(await jobs.counts()).toEqual({ waiting: 1, running: 0, failing: 0, parked: 0 }));
};

describe('parley jobs', () => {
  test('tells of jobs in the data folder, and resumes them', async () => {
    await using temporary = await temporaryFolder();
    await using jobs = new SqliteJobs(path.join(temporary.folder, 'jobs.db'), quickly);
    await tellsAndResumes(jobs, temporary.folder, {});
  });

  test('asks for one name or for all, and knows what is none', async () => {
    await using temporary = await temporaryFolder();
    const { folder } = temporary;
    const resume = async (...args: readonly string[]) => {
      const { code, output } = await runCli(['jobs', 'resume', ...args, '--data-dir', folder]);
      return { code, words: output.trim() };
    };
    const either = { code: 1, words: 'Either the name of one job, as parley jobs shows it, or --all' };
    const asked = [[], ['note/a', '--all'], ['note'], ['note/a'], ['--all']];
    expect(await Promise.all(asked.map((args) => resume(...args)))).toEqual([
      either,
      either,
      { code: 1, words: 'note is not the name of a job: kind/id' },
      { code: 1, words: 'There is no parked job note/a' },
      { code: 0, words: '0 resumed' },
    ]);
  });

  test('says where to look when there is no folder, and when jobs are in the memory of each process', async () => {
    await using temporary = await temporaryFolder();
    const none = path.join(temporary.folder, 'none');
    const servers = { EVENTSTOREDB_URL: 'esdb://127.0.0.1:1', MONGODB_URL: 'mongodb://127.0.0.1:1/chat' };
    const [nowhere, inMemory, away] = await Promise.all([
      runCli(['jobs', '--data-dir', none]),
      runCli(['jobs', '--data-dir', none], servers),
      runCli(['jobs', '--data-dir', temporary.folder], { REDIS_URL: 'redis://127.0.0.1:1' }),
    ]);
    expect(nowhere.output).toContain('There is no data folder');
    expect(inMemory.output).toContain('Its /metrics tell how they are');
    expect(away.output).toBe('The jobs cannot be reached. See parley doctor.\n');
    expect([nowhere.code, inMemory.code, away.code]).toEqual([1, 1, 1]);
  });
});

describeWith(['redis'], 'parley jobs with Redis', ({ redis }) => {
  test('tells of jobs there, and resumes them', async () => {
    await using temporary = await temporaryFolder();
    const url = new URL(redis.url);
    // A database of this test's own: the command line knows no other names for its keys.
    url.pathname = '/11';
    await using jobs = new BullMqJobs({ url: url.href, ...quickly });
    await tellsAndResumes(jobs, temporary.folder, { REDIS_URL: url.href });
  });
});

test('the metrics tell how runs of jobs end, by kind, and how many jobs fail', async () => {
  await using server = await openParley();
  await vi.waitFor(async () => {
    const text = await (await fetch(`${server.parley.opsUrl}/metrics`)).text();
    expect(text).toMatch(/^parley_job_runs_total\{kind="send-due",outcome="again"\} [1-9]/m);
    expect(text).toMatch(/^parley_jobs\{state="failing"\} 0$/m);
  }, 10_000);
  await server.parley.ports.jobs.enqueue({ kind: 'webhook', id: 'broken', data: null, everyMs: 60_000 });
  await vi.waitFor(async () => {
    const text = await (await fetch(`${server.parley.opsUrl}/metrics`)).text();
    expect(text).toMatch(/^parley_job_runs_total\{kind="webhook",outcome="failed"\} [1-9]/m);
    expect(text).toMatch(/^parley_jobs\{state="failing"\} 1$/m);
  }, 10_000);
});
