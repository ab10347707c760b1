import type { ClientStorage } from './storage.ts';

const key = 'owner';
const belongings = ['outbox/', 'conversation/', 'standing'];

/** What is in the storage is this user's from now on: whatever another one has left there is removed. */
export const claim = async (storage: ClientStorage, userId: string | null): Promise<void> => {
  const owner = (await storage.read(key)).get(key);
  if (owner !== undefined && owner === userId) return;
  const found = await Promise.all(belongings.map((prefix) => storage.read(prefix)));
  const changes = new Map<string, unknown>([[key, userId ?? undefined]]);
  for (const entries of found) for (const left of entries.keys()) changes.set(left, undefined);
  await storage.write(changes);
};
