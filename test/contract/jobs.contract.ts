import { describe, expect, vi } from 'vitest';
import type { Job, Jobs } from '../../ports/jobs.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 8_000, interval: 10 });

/** What every queue of jobs does. `reopen` gives another process's end of the same one. */
export const jobsContract = (adapterName: string, open: Open<Jobs>): void => {
  const on = testOn(open);

  describe(`jobs: ${adapterName}`, () => {
    on('runs each job once, with what it was given, in the order in which they are due', async (jobs) => {
      const ran: Job[] = [];
      await jobs.enqueue({ kind: 'note', id: 'a', data: { text: ['é\u{1f600}', 1, null] } });
      await jobs.enqueue({ kind: 'note', id: 'b' });
      await jobs.enqueue({ kind: 'other', id: 'a', data: 7 });
      expect(await jobs.counts()).toEqual({ waiting: 3, running: 0, failing: 0, parked: 0 });
      expect([await jobs.has('note', 'a'), await jobs.has('note', 'c')]).toEqual([true, false]);
      const note = async (job: Job) => void ran.push(job);
      jobs.work({ note, other: note });
      await soon(async () => expect(await jobs.counts()).toEqual({ waiting: 0, running: 0, failing: 0, parked: 0 }));
      expect(ran).toEqual([
        { kind: 'note', id: 'a', data: { text: ['é\u{1f600}', 1, null] } },
        { kind: 'note', id: 'b', data: null },
        { kind: 'other', id: 'a', data: 7 },
      ]);
      expect(await jobs.has('note', 'a')).toBe(false);
    });

    on('takes a job that is kept already for the same one, and one that is done for a new one', async (jobs) => {
      const ran: unknown[] = [];
      await jobs.enqueue({ kind: 'note', id: 'a', data: 1 });
      await jobs.enqueue({ kind: 'note', id: 'a', data: 2 });
      jobs.work({ note: async ({ data }) => void ran.push(data) });
      await soon(async () => expect(await jobs.has('note', 'a')).toBe(false));
      await jobs.enqueue({ kind: 'note', id: 'a', data: 3 });
      await soon(() => expect(ran).toEqual([1, 3]));
    });

    on('runs a job not before its time, and not much later', async (jobs) => {
      const ran: { readonly id: string; readonly afterMs: number }[] = [];
      const start = performance.now();
      jobs.work({ note: async ({ id }) => void ran.push({ id, afterMs: performance.now() - start }) });
      await jobs.enqueue({ kind: 'note', id: 'later', delayMs: 600 });
      await jobs.enqueue({ kind: 'note', id: 'soon', delayMs: 300 });
      await jobs.enqueue({ kind: 'note', id: 'now' });
      await soon(() => expect(ran).toHaveLength(3));
      expect(ran.map(({ id }) => id)).toEqual(['now', 'soon', 'later']);
      // Clocks of whole milliseconds.
      expect(ran[1]!.afterMs).toBeGreaterThan(298);
      expect(ran[2]!.afterMs).toBeGreaterThan(598);
      expect(ran[2]!.afterMs).toBeLessThan(2_600);
    });

    on('runs a repeated job again and again, never twice at once, until it says that it is done', async (jobs) => {
      let runs = 0;
      let atOnce = 0;
      let mostAtOnce = 0;
      const tick = async () => {
        runs += 1;
        mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
        await new Promise((resolve) => setTimeout(resolve, 30));
        atOnce -= 1;
        if (runs === 2) return { againInMs: 1 };
        return runs === 4 ? 'done' : null;
      };
      jobs.work({ tick });
      jobs.work({ tick });
      await jobs.enqueue({ kind: 'tick', id: 'clock', everyMs: 10 });
      await soon(async () => expect(await jobs.has('tick', 'clock')).toBe(false));
      expect({ runs, mostAtOnce }).toEqual({ runs: 4, mostAtOnce: 1 });
    });

    on('runs several jobs at once, and each on one worker only', async (jobs) => {
      const ran: string[] = [];
      let atOnce = 0;
      let mostAtOnce = 0;
      const two = Promise.withResolvers<void>();
      const note = async ({ id }: Job) => {
        ran.push(id);
        mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
        if (mostAtOnce > 1) two.resolve();
        await two.promise;
        atOnce -= 1;
      };
      const ids = Array.from({ length: 50 }, (_, index) => `job-${index}`);
      jobs.work({ note });
      jobs.work({ note });
      await Promise.all(ids.map((id) => jobs.enqueue({ kind: 'note', id })));
      await soon(() => expect(ran).toHaveLength(50));
      expect(ran.toSorted()).toEqual(ids.toSorted());
      expect(mostAtOnce).toBeGreaterThan(1);
      expect(mostAtOnce).toBeLessThanOrEqual(8);
    });

    on('tries a failing job again, and parks it after so many failures until it is resumed', async (jobs) => {
      let attempts = 0;
      let fails = true;
      jobs.work({
        note: async () => {
          attempts += 1;
          if (fails) throw new RangeError('what somebody wrote');
        },
      });
      const start = Date.now();
      await jobs.enqueue({ kind: 'note', id: 'a', data: 1 });
      await soon(async () => expect((await jobs.counts()).parked).toBe(1));
      expect(attempts).toBe(3);
      const [parked, ...others] = await jobs.parked(10);
      expect(parked).toEqual({ kind: 'note', id: 'a', failures: 3, error: 'RangeError', since: expect.any(Number) });
      expect(others).toEqual([]);
      expect(parked!.since).toBeGreaterThanOrEqual(start);
      // From the first failure on, not the last.
      expect(parked!.since).toBeLessThanOrEqual(Date.now() - 60);
      expect(await jobs.failing(10)).toEqual([]);
      await jobs.enqueue({ kind: 'note', id: 'a', data: 2 });
      expect(await jobs.counts()).toEqual({ waiting: 0, running: 0, failing: 0, parked: 1 });
      expect(await jobs.resume('note', 'b')).toBe(false);
      expect(await jobs.resume('note', 'a')).toBe(true);
      await soon(() => expect(attempts).toBe(6));
      await soon(async () => expect((await jobs.counts()).parked).toBe(1));
      fails = false;
      await jobs.resume('note', 'a');
      await soon(async () => expect(await jobs.parked(10)).toEqual([]));
      await soon(async () => expect(await jobs.counts()).toEqual({ waiting: 0, running: 0, failing: 0, parked: 0 }));
      expect(attempts).toBe(7);
      expect(await jobs.resume('note', 'a')).toBe(false);
    });

    on('goes on with a repeated job however often it fails', async (jobs) => {
      let runs = 0;
      jobs.work({
        tick: async () => {
          runs += 1;
          if (runs < 6) throw new RangeError('no');
          return 'done';
        },
      });
      await jobs.enqueue({ kind: 'tick', id: 'clock', everyMs: 10 });
      await soon(async () => expect(await jobs.has('tick', 'clock')).toBe(false));
      expect(runs).toBe(6);
    });

    on('tells which jobs fail and are tried again, since when, until they succeed', async (jobs) => {
      const fails = new Set(['first', 'second']);
      const runs = new Map<string, number>();
      const run = async ({ id }: Job) => {
        runs.set(id, (runs.get(id) ?? 0) + 1);
        if (fails.has(id)) throw new RangeError('what somebody wrote');
        return { againInMs: 60_000 };
      };
      jobs.work({ tick: run });
      await jobs.enqueue({ kind: 'tick', id: 'well', everyMs: 10 });
      await jobs.enqueue({ kind: 'tick', id: 'first', data: 'what somebody wrote', everyMs: 10 });
      await soon(() => expect(runs.get('first')).toBeGreaterThan(2));
      await jobs.enqueue({ kind: 'tick', id: 'second', everyMs: 10 });
      await soon(() => expect(runs.get('second')).toBeGreaterThan(1));
      await soon(async () => expect(await jobs.counts()).toMatchObject({ failing: 2, parked: 0 }));
      const failing = await jobs.failing(10);
      expect(failing).toEqual(
        ['first', 'second'].map((id) => {
          const [failures, since] = [expect.any(Number), expect.any(Number)] as unknown as [number, number];
          return { kind: 'tick', id, failures, error: 'RangeError', since };
        }),
      );
      expect(failing[0]!.failures).toBeGreaterThan(1);
      expect(failing[0]!.since).toBeLessThan(failing[1]!.since);
      expect(await jobs.failing(1)).toMatchObject([{ id: 'first' }]);
      expect(await jobs.resume('tick', 'first')).toBe(false);

      fails.delete('first');
      await soon(async () => expect(await jobs.failing(10)).toMatchObject([{ id: 'second' }]));
      fails.clear();
      await soon(async () => expect(await jobs.counts()).toEqual({ waiting: 3, running: 0, failing: 0, parked: 0 }));
      expect(await jobs.failing(10)).toEqual([]);
    });

    on('does not tell of a job that failed once and is done', async (jobs) => {
      let runs = 0;
      const note = async () => {
        runs += 1;
        if (runs === 1) throw new RangeError('no');
      };
      jobs.work({ note });
      await jobs.enqueue({ kind: 'note', id: 'a' });
      await soon(async () => expect(await jobs.has('note', 'a')).toBe(false));
      expect(runs).toBe(2);
      expect(await jobs.counts()).toEqual({ waiting: 0, running: 0, failing: 0, parked: 0 });
      expect(await jobs.failing(10)).toEqual([]);
    });

    on('parks a job of a kind that no worker knows', async (jobs) => {
      jobs.work({});
      await jobs.enqueue({ kind: 'strange', id: 'a' });
      await soon(async () =>
        expect(await jobs.parked(10)).toEqual([
          { kind: 'strange', id: 'a', failures: 3, error: 'TypeError', since: expect.any(Number) },
        ]),
      );
    });

    on('refuses what can be no name', async (jobs) => {
      await expect(jobs.enqueue({ kind: 'note', id: 'a:b' })).rejects.toBeInstanceOf(TypeError);
      await expect(jobs.enqueue({ kind: '', id: 'a' })).rejects.toBeInstanceOf(TypeError);
      await jobs.enqueue({ kind: 'note', id: '12' });
      expect(await jobs.has('note', '12')).toBe(true);
    });

    on('waits for what has begun when a worker is disposed of, and begins nothing more', async (jobs) => {
      let begun = 0;
      let ended = 0;
      const gate = Promise.withResolvers<void>();
      const worker = jobs.work({
        note: async () => {
          begun += 1;
          await gate.promise;
          ended += 1;
        },
      });
      for (let index = 0; index < 10; index += 1) await jobs.enqueue({ kind: 'note', id: `job-${index}` });
      await soon(() => expect(begun).toBeGreaterThan(0));
      const ending = worker[Symbol.asyncDispose]();
      gate.resolve();
      await ending;
      expect(ended).toBe(begun);
      expect(begun).toBeLessThan(10);
      expect(await jobs.counts()).toEqual({ waiting: 10 - begun, running: 0, failing: 0, parked: 0 });
    });

    testReopening(open)(
      'keeps jobs over a restart, also those whose time comes while nobody works',
      async (jobs, reopen) => {
        await jobs.enqueue({ kind: 'note', id: 'due', delayMs: 1 });
        await jobs.enqueue({ kind: 'note', id: 'later', delayMs: 500 });
        await jobs[Symbol.asyncDispose]();
        await using again = await reopen();
        const ran: string[] = [];
        again.work({ note: async ({ id }) => void ran.push(id) });
        await soon(() => expect(ran).toEqual(['due', 'later']));
      },
    );

    testReopening(open)('runs a job once, however many processes work', async (jobs, reopen) => {
      await using other = await reopen();
      const ran: string[] = [];
      const note = async ({ id }: Job) => void ran.push(id);
      jobs.work({ note });
      other.work({ note });
      const ids = Array.from({ length: 40 }, (_, index) => `job-${index}`);
      await Promise.all(ids.map((id, index) => (index % 2 ? jobs : other).enqueue({ kind: 'note', id })));
      await soon(() => expect(ran).toHaveLength(40));
      expect(ran.toSorted()).toEqual(ids.toSorted());
    });
  });
};
