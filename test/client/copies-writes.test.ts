import { expect, it } from 'vitest';
import { defaultSettings } from '../../domain/conversation/values.ts';
import { MemoryStorage } from '../../client/storage/memory.ts';
import { Copies } from '../../client/store/copies.ts';
import { copyOfItem } from '../../client/store/copy.ts';
import { loadCopies } from '../../client/store/persistence.ts';
import { FakePlatform } from './support/fake-platform.ts';

const copyOf = (conversationId: string) =>
  copyOfItem({
    conversation: {
      conversationId,
      kind: 'group',
      name: 'g',
      topic: null,
      avatarMediaId: null,
      settings: { ...defaultSettings },
      memberCount: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      closedAt: null,
      lastSeq: 0,
      revision: 0,
      me: null,
    },
    unread: 0,
    mentions: 0,
    lastMessage: null,
    lastActivityAt: '2026-01-01T00:00:00.000Z',
  });

it('D01 stores no position without what was changed up to it, also where the write before could not be made', async () => {
  const storage = new MemoryStorage();
  const write = storage.write.bind(storage);
  const first = Promise.withResolvers<void>();
  storage.write = async (changes) => {
    storage.write = write;
    await first.promise;
    await write(changes);
  };
  const options = { platform: new FakePlatform(), storage, userId: 'u', persist: true };
  const copies = new Copies({ ...options, onChange: () => {}, onError: () => {} });
  copies.set('a', copyOf('a'));
  copies.stand({ position: 'p1' });
  const failing = copies.flush();
  copies.set('b', copyOf('b'));
  copies.stand({ position: 'p2' });
  const flushed = copies.flush();
  first.reject(new Error('no room'));
  await expect(failing).rejects.toThrow('no room');
  await flushed;
  const loaded = await loadCopies(storage);
  expect(loaded?.standing.position).toBe('p2');
  expect([...loaded!.copies.keys()].toSorted()).toEqual(['a', 'b']);
});
