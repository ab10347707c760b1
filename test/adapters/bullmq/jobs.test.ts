import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BullMqJobs, type BullMqJobsOptions } from '../../../adapters/bullmq/jobs.ts';
import { JobsUnavailable } from '../../../ports/jobs.ts';
import { jobsContract } from '../../contract/jobs.contract.ts';
import { quickly } from '../../contract/working-settings.ts';
import { describeWith } from '../../servers/suite.ts';

const newPrefix = (): string => `{test-${randomUUID()}}`;
const open = (url: string, options: Partial<BullMqJobsOptions> = {}): BullMqJobs =>
  new BullMqJobs({ url, prefix: newPrefix(), ...quickly, ...options });

const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 20 });

describeWith(['redis'], 'jobs on Redis', ({ redis }) => {
  jobsContract('BullMQ', async () => {
    const prefix = newPrefix();
    return { store: open(redis.url, { prefix }), reopen: async () => open(redis.url, { prefix }) };
  });

  test('a job whose process was killed in the middle of it is run by another', async () => {
    const prefix = newPrefix();
    await using jobs = open(redis.url, { prefix });
    await jobs.enqueue({ kind: 'hang', id: 'once', data: 1 });
    await jobs.enqueue({ kind: 'hang', id: 'repeated', data: 2, everyMs: 10_000 });
    const script = path.join(import.meta.dirname, 'working-process.ts');
    const child = spawn(process.execPath, [script, redis.url, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await soon(() => expect(printed.trim().split('\n').toSorted()).toEqual(['once', 'repeated']));
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    const ran: unknown[] = [];
    jobs.work({ hang: async ({ data }) => void ran.push(data) });
    await soon(() => expect(new Set(ran)).toEqual(new Set([1, 2])));
    await soon(async () => expect(await jobs.counts()).toEqual({ waiting: 1, running: 0, failing: 0, parked: 0 }));
  });

  test('while Redis is away it says so in bounded time; workers go on by themselves, and nothing is lost', async (context) => {
    const server = redis.process(context);
    await using jobs = open(redis.url, { answerMs: 500 });
    const ran: string[] = [];
    jobs.work({ note: async ({ id }) => void ran.push(id) });
    await jobs.enqueue({ kind: 'note', id: 'before' });
    // Until then it might run once more.
    await soon(async () => expect(await jobs.has('note', 'before')).toBe(false));
    await jobs.enqueue({ kind: 'note', id: 'later', delayMs: 1_000 });
    await jobs.enqueue({ kind: 'note', id: 'much-later', delayMs: 3_000 });
    await server.kill9();
    const start = performance.now();
    await expect(jobs.enqueue({ kind: 'note', id: 'x' })).rejects.toBeInstanceOf(JobsUnavailable);
    await expect(jobs.has('note', 'x')).rejects.toBeInstanceOf(JobsUnavailable);
    await expect(jobs.counts()).rejects.toBeInstanceOf(JobsUnavailable);
    expect(performance.now() - start).toBeLessThan(3_000);
    await server.start();
    await soon(() => expect(ran.filter((id) => id !== 'x')).toEqual(['before', 'later', 'much-later']));
    await soon(() => jobs.enqueue({ kind: 'note', id: 'after' }));
    await soon(() => expect(ran).toContain('after'));
  });

  test('ends in bounded time while Redis is away', async (context) => {
    const server = redis.process(context);
    await using jobs = open(redis.url, { answerMs: 500 });
    const worker = jobs.work({ note: async () => undefined });
    await jobs.enqueue({ kind: 'note', id: 'before' });
    await soon(async () => expect(await jobs.has('note', 'before')).toBe(false));
    await server.kill9();
    try {
      await expect(jobs.counts()).rejects.toBeInstanceOf(JobsUnavailable);
      const start = performance.now();
      await worker[Symbol.asyncDispose]();
      expect(performance.now() - start).toBeLessThan(5_000);
    } finally {
      await server.start();
    }
  });

  test('a repeated job goes on after a restart of Redis', async (context) => {
    const server = redis.process(context);
    await using jobs = open(redis.url);
    let ticks = 0;
    jobs.work({ tick: async () => void (ticks += 1) });
    await jobs.enqueue({ kind: 'tick', id: 'clock', everyMs: 50 });
    await soon(() => expect(ticks).toBeGreaterThan(2));
    await server.restart();
    const before = ticks;
    await soon(() => expect(ticks).toBeGreaterThan(before + 3));
  });

  test('a flush takes every job, and those that are added again run', async () => {
    const errors: unknown[] = [];
    await using jobs = open(redis.url, { onTrouble: (error) => errors.push(error) });
    let ticks = 0;
    jobs.work({ tick: async () => void (ticks += 1) });
    await jobs.enqueue({ kind: 'tick', id: 'clock', everyMs: 50 });
    await soon(() => expect(ticks).toBeGreaterThan(2));
    const client = new Redis(redis.url);
    await soon(async () => {
      await client.flushall();
      expect(await jobs.has('tick', 'clock')).toBe(false);
    });
    client.disconnect();
    const before = ticks;
    await jobs.enqueue({ kind: 'tick', id: 'clock', everyMs: 50 });
    await soon(() => expect(ticks).toBeGreaterThan(before + 3));
  });

  test('it starts and ends without a server', async () => {
    await using jobs = open('redis://127.0.0.1:1', { answerMs: 100 });
    jobs.work({});
    await expect(jobs.enqueue({ kind: 'note', id: 'a' })).rejects.toBeInstanceOf(JobsUnavailable);
  });
});
