/** How long to wait after failures in a row: twice as long after each, up to a most. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Milliseconds after so many failures, of which there is one at least. */
export const waitMs = ({ firstMs, mostMs }: BackOff, failures: number): number =>
  Math.min(mostMs, firstMs * 2 ** (failures - 1));
