import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HangWatch, MongoDbHangs } from '../../../adapters/mongodb/hang-watch.ts';

const answerMs = 4_000;
const never = (): Promise<never> => new Promise(() => {});
const answered = (): Promise<void> => Promise.resolve();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('waits for a slow call for as long as pings are answered', async () => {
  const ping = vi.fn(answered);
  await using watch = new HangWatch({ ping, answerMs });
  const slow = Promise.withResolvers<string>();
  const outcome = watch.during(() => slow.promise);
  await vi.advanceTimersByTimeAsync(10 * answerMs);
  slow.resolve('done');
  expect(await outcome).toBe('done');
  expect(ping).toHaveBeenCalled();
});

test('does not ask while calls are answered soon, nor when there are none', async () => {
  const ping = vi.fn(never);
  await using watch = new HangWatch({ ping, answerMs });
  for (let call = 0; call < 10; call += 1) {
    const outcome = watch.during(answered);
    await vi.advanceTimersByTimeAsync(answerMs);
    await outcome;
  }
  expect(ping).not.toHaveBeenCalled();
});

test.each(['is not answered', 'fails'])(
  'fails what waits, however young, when a ping %s, and what comes at once until one is answered',
  async (outcome) => {
    const pinged = Promise.withResolvers<void>();
    let isBack = false;
    const ping = async (): Promise<void> => {
      if (isBack) return;
      if (outcome === 'fails') throw new Error('no connection');
      await pinged.promise;
    };
    await using watch = new HangWatch({ ping, answerMs });
    const waiting = [watch.during(never)];
    await vi.advanceTimersByTimeAsync(answerMs / 2 - 1);
    waiting.push(watch.during(never));
    const settled = Promise.allSettled(waiting);
    await vi.advanceTimersByTimeAsync(answerMs / 2 + 1);
    for (const each of await settled) expect(each).toMatchObject({ reason: expect.any(MongoDbHangs) as unknown });
    const work = vi.fn(answered);
    await expect(watch.during(work)).rejects.toBeInstanceOf(MongoDbHangs);
    expect(work).not.toHaveBeenCalled();
    isBack = true;
    pinged.resolve();
    vi.useRealTimers();
    await expect.poll(() => watch.during(async () => 'done').catch(() => undefined), { timeout: 10_000 }).toBe('done');
  },
);

test('says the error of the call when the call fails first', async () => {
  await using watch = new HangWatch({ ping: answered, answerMs });
  await expect(watch.during(() => Promise.reject(new RangeError('too much')))).rejects.toBeInstanceOf(RangeError);
});
