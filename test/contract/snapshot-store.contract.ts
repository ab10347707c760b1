import { describe, expect } from 'vitest';
import type { Snapshot, SnapshotStore } from '../../ports/snapshot-store.ts';
import { testOn, testReopening, type Open } from './opened.ts';

const snapshot = (revision: number, state: unknown = { revision }): Snapshot => ({
  revision,
  position: BigInt(revision) * 10n,
  version: 2,
  state,
});

/** What every snapshot store does. `open` gives an empty store each time. */
export const snapshotStoreContract = (adapterName: string, open: Open<SnapshotStore>): void => {
  const on = testOn(open);

  describe(`snapshot store: ${adapterName}`, () => {
    on('gives back the snapshot of a stream, with any JSON state', async (store) => {
      expect(await store.load('user-1')).toBeUndefined();
      const states = [
        { list: [1, null, 'é\u0000'], nested: { empty: {} } },
        [],
        'text',
        0,
        null,
        'x'.repeat(1_000_000),
      ];
      for (const [revision, state] of states.entries()) {
        await store.save('user-1', snapshot(revision, state));
        expect(await store.load('user-1')).toEqual(snapshot(revision, state));
      }
      expect(await store.load('user-')).toBeUndefined();
      expect(await store.load('User-1')).toBeUndefined();
    });

    on('keeps positions beyond 2^53', async (store) => {
      const far = { ...snapshot(7), position: 2n ** 53n + 1n };
      await store.save('user-1', far);
      expect(await store.load('user-1')).toEqual(far);
    });

    on('keeps the snapshot of the higher revision, whichever comes last', async (store) => {
      await store.save('user-1', snapshot(5));
      await store.save('user-1', snapshot(4));
      await store.save('user-2', snapshot(1));
      expect(await store.load('user-1')).toEqual(snapshot(5));
      await store.save('user-1', { ...snapshot(6), version: 3 });
      expect(await store.load('user-1')).toEqual({ ...snapshot(6), version: 3 });
      const revisions = Array.from({ length: 30 }, (_, i) => (i * 7) % 30);
      await Promise.all(revisions.map((revision) => store.save('user-3', snapshot(revision))));
      expect(await store.load('user-3')).toEqual(snapshot(29));
    });

    on('forgets a dropped snapshot, and then takes any other', async (store) => {
      await store.save('user-1', snapshot(5));
      await store.save('user-2', snapshot(5));
      await store.drop('user-1');
      await store.drop('user-9');
      expect(await store.load('user-1')).toBeUndefined();
      expect(await store.load('user-2')).toEqual(snapshot(5));
      await store.save('user-1', snapshot(2));
      expect(await store.load('user-1')).toEqual(snapshot(2));
    });

    testReopening(open)('keeps snapshots when opened again', async (store, reopen) => {
      await store.save('user-1', snapshot(5));
      await store[Symbol.asyncDispose]();
      await using again = await reopen();
      expect(await again.load('user-1')).toEqual(snapshot(5));
    });
  });
};
