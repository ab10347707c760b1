import type { Write } from '../../ports/document-store.ts';

/** The newest write of each document. */
export const newestWrites = (writes: readonly Write[]): Iterable<Write> => {
  const newest = new Map<string, Write>();
  for (const write of writes) {
    const key = `${write.collection}\0${write.id}`;
    const known = newest.get(key);
    if (!known || write.position >= known.position) newest.set(key, write);
  }
  return newest.values();
};
