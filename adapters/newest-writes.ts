import type { Write } from '../ports/document-store.ts';

/** The newest write of each document, by collection, as it is at this moment: what the caller changes later stays out. */
export const newestWrites = (writes: readonly Write[]): ReadonlyMap<string, readonly Write[]> => {
  const newest = new Map<string, Map<string, Write>>();
  for (const write of writes) {
    const ofCollection = newest.getOrInsertComputed(write.collection, () => new Map<string, Write>());
    const known = ofCollection.get(write.id);
    if (!known || write.position >= known.position) ofCollection.set(write.id, write);
  }
  const copied = ({ body, ...write }: Write): Write =>
    body ? { ...write, body: JSON.parse(JSON.stringify(body)) as object } : write;
  return new Map([...newest].map(([name, ofCollection]) => [name, [...ofCollection.values()].map(copied)]));
};
