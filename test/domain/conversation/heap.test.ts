import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { pop, push, type Heap } from '../../../domain/conversation/heap.ts';

const keysOf = (heap: Heap<string> | undefined): number[] => {
  const keys: number[] = [];
  for (let rest = heap; rest !== undefined; rest = pop(rest)) keys.push(rest.key);
  return keys;
};
const heapOf = (keys: readonly number[]) =>
  keys.reduce<Heap<string> | undefined>((heap, key) => push(heap, key, String(key)), undefined);

it('gives its keys back in order', () =>
  fc.assert(
    fc.property(fc.array(fc.integer()), (keys) => {
      expect(keysOf(heapOf(keys))).toEqual(keys.toSorted((a, b) => a - b));
    }),
  ));

it('keeps a path of logarithmic length to its right, in whatever order keys come', () => {
  const size = 10_000;
  const ascending = Array.from({ length: size }, (_, n) => n);
  for (const keys of [ascending, ascending.toReversed()]) {
    let length = 0;
    for (let at = heapOf(keys); at !== undefined; at = at.right) length += 1;
    expect(length).toBeLessThanOrEqual(Math.log2(size + 1));
  }
});

it('stays as it was when pushed to or popped from', () => {
  const heap = heapOf([2, 1]);
  push(heap, 0, '0');
  if (heap !== undefined) pop(heap);
  expect(keysOf(heap)).toEqual([1, 2]);
});
