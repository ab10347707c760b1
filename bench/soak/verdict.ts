import { limits } from '../../domain/limits.ts';
import { slopeOf, type Slope } from './slope.ts';
import type { Vitals } from './vitals.ts';

interface Bounds {
  readonly heap: number;
  readonly resident: number;
}

/** Bytes a message above which the server is said to keep what it should let go. */
const bounds = {
  /** Caches still fill, and the write side still holds every message: for a window after it was last touched. */
  short: { heap: 3 * 1024, resident: 12 * 1024 },
  long: { heap: 128, resident: 1024 },
} as const satisfies Record<string, Bounds>;
/** So long that the windows of the first messages are over, and caches full, when growth is judged: after the first third. */
const longSeconds = (6 * limits.messageWindowMs) / 1000;
const mostMoreFiles = 16;

export interface Growth {
  readonly heap: Slope;
  readonly resident: Slope;
  readonly moreFiles: number;
}

/** What a run of so many seconds is judged by. */
export const boundsOf = (seconds: number): Bounds => (seconds < longSeconds ? bounds.short : bounds.long);

/** How memory grows with each message once the server has warmed up: after the first third. */
export const growthOf = (vitals: readonly Vitals[]): Growth => {
  const warm = vitals.slice(Math.floor(vitals.length / 3));
  const slope = (of: (sample: Vitals) => number): Slope =>
    slopeOf(warm.map((sample) => ({ x: sample.messages, y: of(sample) })));
  return {
    heap: slope(({ heapBytes }) => heapBytes),
    resident: slope(({ residentBytes }) => residentBytes),
    moreFiles: (warm.at(-1)?.files ?? Number.NaN) - (warm[0]?.files ?? Number.NaN),
  };
};

/** What is wrong with it. A growth counts only as far as it is sure: by twice its error. */
export const judgeGrowth = ({ heap, resident, moreFiles }: Growth, most: Bounds): readonly string[] => {
  const isWithin = ({ perX, error }: Slope, bound: number): boolean => perX - 2 * error <= bound;
  return [
    ...(isWithin(heap, most.heap) ? [] : [`the heap grows by more than ${most.heap} bytes a message`]),
    ...(isWithin(resident, most.resident)
      ? []
      : [`resident memory grows by more than ${most.resident} bytes a message`]),
    ...(moreFiles <= mostMoreFiles ? [] : [`${moreFiles} more files are open than at first`]),
  ];
};
