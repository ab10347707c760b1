import { describe, expect, it } from 'vitest';
import { MarkBook } from '../../relay/mark-book.ts';
import type { Entry, Mark } from '../../relay/messages.ts';

const patienceMs = 100;
const opened = (keptEntries = 1_000): MarkBook => new MarkBook({ shards: 2, patienceMs, keptEntries });
const entry = (position: bigint): Entry => ({ stream: 'conversation-a', revision: 0, position, audience: 'all' });
const mark = (shards: readonly number[], previous: bigint, position: bigint, ...places: readonly bigint[]): Mark => ({
  shards,
  previous,
  position,
  entries: places.map(entry),
});
const places = (book: MarkBook, after: bigint): readonly bigint[] => book.after(after).map(({ position }) => position);

describe('the book of marks', () => {
  it('covers nothing before it has heard of every shard', () => {
    const book = opened();
    book.add(mark([0], 10n, 20n), 0);
    expect(book.covers(10n, 0)).toBe(false);
    book.add(mark([1], 12n, 18n), 0);
    expect([11n, 12n, 18n, 19n].map((position) => book.covers(position, 0))).toEqual([false, true, true, false]);
    expect(book.to).toBe(18n);
  });

  it('gives entries of all shards in log order, as far as every shard is whole', () => {
    const book = opened();
    book.add(mark([0], 0n, 9n, 3n, 8n), 0);
    book.add(mark([1], 0n, 7n, 2n, 7n), 0);
    expect(places(book, 0n)).toEqual([2n, 3n, 7n]);
    book.add(mark([1], 7n, 9n, 9n), 0);
    expect(places(book, 7n)).toEqual([8n, 9n]);
  });

  it('takes a mark that comes twice, and one that another relay has said in part, once', () => {
    const book = opened();
    book.add(mark([0, 1], 0n, 5n, 1n, 4n), 0);
    expect(book.add(mark([0, 1], 0n, 5n, 1n, 4n), 0)).toBe(false);
    expect(book.add(mark([0, 1], 3n, 7n, 4n, 6n), 0)).toBe(false);
    expect(places(book, 0n)).toEqual([1n, 4n, 6n]);
    expect(book.covers(0n, 0)).toBe(true);
  });

  it('does not cover what lies before a mark that is missing', () => {
    const book = opened();
    book.add(mark([0, 1], 0n, 5n, 1n), 0);
    expect(book.add(mark([0], 6n, 9n, 8n), 0)).toBe(true);
    book.add(mark([1], 5n, 9n, 7n), 0);
    expect([5n, 6n, 9n].map((position) => book.covers(position, 0))).toEqual([false, true, true]);
  });

  it('covers nothing while a shard is silent, and goes on where nothing was missed', () => {
    const book = opened();
    book.add(mark([0, 1], 0n, 5n), 0);
    book.add(mark([0], 5n, 9n), patienceMs);
    expect(book.covers(5n, patienceMs)).toBe(false);
    book.add(mark([1], 5n, 9n), patienceMs + 1);
    expect(book.covers(5n, patienceMs + 1)).toBe(true);
  });

  it('keeps a bounded number of entries, and does not cover what it has thrown away', () => {
    const book = opened(2);
    for (let position = 1n; position <= 5n; position += 1n)
      book.add(mark([0, 1], position - 1n, position, position), 0);
    expect(places(book, 0n)).toEqual([4n, 5n]);
    expect([2n, 3n].map((position) => book.covers(position, 0))).toEqual([false, true]);
  });
});
