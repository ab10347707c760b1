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
  short: { heap: 6 * 1024, resident: 24 * 1024 },
  long: { heap: 512, resident: 4 * 1024 },
} as const satisfies Record<string, Bounds>;
/** So long that the window of the first messages is over before growth is judged, which is after the first third. */
const longSeconds = (3 * limits.messageWindowMs) / 1000;
const mostMoreFiles = 16;

export interface Growth {
  readonly heap: Slope;
  readonly resident: Slope;
  readonly moreFiles: number;
  readonly bounds: Bounds;
}

/** How memory grows with each message once the server has warmed up: after the first third. */
export const growthOf = (vitals: readonly Vitals[]): Growth => {
  const warm = vitals.slice(Math.floor(vitals.length / 3));
  const slope = (of: (sample: Vitals) => number): Slope =>
    slopeOf(warm.map((sample) => ({ x: sample.messages, y: of(sample) })));
  return {
    heap: slope(({ heapBytes }) => heapBytes),
    resident: slope(({ residentBytes }) => residentBytes),
    bounds: (vitals.at(-1)?.seconds ?? 0) < longSeconds ? bounds.short : bounds.long,
    moreFiles: (warm.at(-1)?.files ?? Number.NaN) - (warm[0]?.files ?? Number.NaN),
  };
};

/** What is wrong with it. A growth counts only as far as it is sure: by twice its error. */
export const judgeGrowth = ({ heap, resident, moreFiles, bounds }: Growth): readonly string[] => {
  const isWithin = ({ perX, error }: Slope, bound: number): boolean => perX - 2 * error <= bound;
  return [
    ...(isWithin(heap, bounds.heap) ? [] : [`the heap grows by more than ${bounds.heap} bytes a message`]),
    ...(isWithin(resident, bounds.resident)
      ? []
      : [`resident memory grows by more than ${bounds.resident} bytes a message`]),
    ...(moreFiles <= mostMoreFiles ? [] : [`${moreFiles} more files are open than at first`]),
  ];
};
