/** Waiting times between attempts: they double from the first to the longest. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const defaultBackOff: BackOff = { firstMs: 50, mostMs: 5_000 };

/** How long to wait after so many failures in a row, from 1. */
export const backOff = ({ firstMs, mostMs }: BackOff, failures: number): number =>
  Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
