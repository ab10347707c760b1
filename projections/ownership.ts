import { Bell } from './bell.ts';

/**
 * Which shards this process projects. Only a matter of sharing the work: two that think they own the same shard are
 * kept from harm by its checkpoint.
 */
export interface Ownership extends AsyncDisposable {
  /** Rings when what is owned may have changed. */
  readonly changes: Bell;
  owns(projection: string, shard: number): boolean;
  /** How long the owner of a shard stands by while another process moves its checkpoint. */
  readonly patienceMs: number;
  /** Looks anew who else is there. */
  refresh(): Promise<void>;
}

const fixed = (owns: boolean, patienceMs: number): Ownership => ({
  changes: new Bell(),
  owns: () => owns,
  patienceMs,
  refresh: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
});

/** All of them, unless another process was first; then once that one has stood still for so long. */
export const ownsAll = (patienceMs: number): Ownership => fixed(true, patienceMs);

/** None: what others project is followed. */
export const ownsNothing = (): Ownership => fixed(false, 0);
