import { expect, test } from 'vitest';
import { slopeOf } from '../../bench/soak/slope.ts';
import { boundsOf, growthOf, judgeGrowth } from '../../bench/soak/verdict.ts';
import type { Vitals } from '../../bench/soak/vitals.ts';

const noise = (index: number): number => ((index * 7_919) % 100) - 50;

const vitals = (heapPerMessage: number, files = 0): readonly Vitals[] =>
  Array.from({ length: 60 }, (_, index) => ({
    seconds: index,
    messages: index * 50,
    heapBytes: 70e6 + index * 50 * heapPerMessage + noise(index) * 1_000,
    residentBytes: 350e6 + index * 50 * heapPerMessage,
    files: 80 + files * index,
    loopDelayMs: 10,
  }));

const judge = (samples: readonly Vitals[], seconds = 60): readonly string[] =>
  judgeGrowth(growthOf(samples), boundsOf(seconds));

test('the slope of points on a line is exact, and its error nothing', () => {
  const { perX, error } = slopeOf([1, 2, 3, 4].map((x) => ({ x, y: 3 * x + 5 })));
  expect(perX).toBeCloseTo(3);
  expect(error).toBeCloseTo(0);
});

test('a server that keeps nothing of a message holds, and one that keeps all of it or opens files does not', () => {
  expect(judge(vitals(0))).toEqual([]);
  expect(judge(vitals(20_000))).toHaveLength(2);
  expect(judge(vitals(0, 1))).toEqual(['39 more files are open than at first']);
});

test('what a short run may keep is too much for one of an hour or more', () => {
  expect(judge(vitals(2_000))).toEqual([]);
  expect(judge(vitals(2_000), 3_599)).toEqual([]);
  expect(judge(vitals(2_000), 3_600)).toHaveLength(2);
});

test('without samples nothing is said to hold', () => {
  expect(judge([])).not.toEqual([]);
});
