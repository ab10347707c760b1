import { expect, it } from 'vitest';
import { LookAhead, type Wanted } from '../../realtime/look-ahead.ts';

const wanted = (id: string, position: bigint): Wanted => ({ conversationId: 'c', id, position });

/** A read model that has come so far, and tells with each document how far it had come. */
const start = (reached: bigint) => {
  const state = { reached };
  const reads: string[][] = [];
  const ahead = new LookAhead<string>({
    passed: (position) => {
      if (state.reached < position) state.reached = position;
      return Promise.resolve();
    },
    reached: () => state.reached,
    read: (some) => {
      reads.push(some.map(({ id }) => id));
      return Promise.resolve(some.map(({ id }) => (id === 'gone' ? undefined : `${id} at ${state.reached}`)));
    },
  });
  return { ahead, reads, state };
};

it('reads together what later events of the batch need, as far as the read model is', async () => {
  const { ahead, reads } = start(20n);
  ahead.expect([wanted('a', 10n), wanted('b', 15n), wanted('gone', 20n), wanted('d', 25n)]);
  expect(await ahead.get(wanted('a', 10n))).toBe('a at 20');
  expect(await ahead.get(wanted('b', 15n))).toBe('b at 20');
  expect(await ahead.get(wanted('gone', 20n))).toBeUndefined();
  expect(reads).toEqual([['a', 'b', 'gone']]);
});

it('never tells what is older than the event', async () => {
  const { ahead, reads } = start(20n);
  ahead.expect([wanted('a', 10n), wanted('a', 30n)]);
  expect(await ahead.get(wanted('a', 10n))).toBe('a at 20');
  expect(await ahead.get(wanted('a', 30n))).toBe('a at 30');
  expect(reads).toEqual([['a'], ['a']]);
});

it('has forgotten with the next batch what it read for the one before', async () => {
  const { ahead, reads, state } = start(20n);
  ahead.expect([wanted('a', 10n)]);
  await ahead.get(wanted('a', 10n));
  ahead.expect([]);
  state.reached = 40n;
  expect(await ahead.get(wanted('a', 10n))).toBe('a at 40');
  expect(reads).toHaveLength(2);
});

it('reads a bounded number at once', async () => {
  const { ahead, reads } = start(1_000n);
  const batch = Array.from({ length: 200 }, (_, index) => wanted(`${index}`, BigInt(index)));
  ahead.expect(batch);
  for (const each of batch) await ahead.get(each);
  expect(reads.map(({ length }) => length)).toEqual([64, 64, 64, 8]);
});
