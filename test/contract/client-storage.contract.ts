import { array, assert, asyncProperty, constantFrom, option, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientStorage } from '../../client/storage/storage.ts';

export interface OpenedStorage extends AsyncDisposable {
  readonly storage: ClientStorage;
  /** The same one again, as a new client finds it. */
  reopen(): Promise<ClientStorage>;
}

/** What every storage of a client promises. */
export const clientStorageContract = (name: string, open: () => Promise<OpenedStorage>): void => {
  describe(`${name} as a client's storage`, () => {
    it('gives what was written, by prefix', async () => {
      await using opened = await open();
      const { storage } = opened;
      await storage.write(
        new Map<string, unknown>([
          ['a/1', { text: 'ä 🎉 \n "', list: [1, null, true] }],
          ['a/2', 'two'],
          ['b', 3],
        ]),
      );
      expect(await storage.read('a/')).toEqual(
        new Map<string, unknown>([
          ['a/1', { text: 'ä 🎉 \n "', list: [1, null, true] }],
          ['a/2', 'two'],
        ]),
      );
      expect(await storage.read('a')).toEqual(await storage.read('a/'));
      expect(await storage.read('c')).toEqual(new Map());
    });

    it('replaces and removes', async () => {
      await using opened = await open();
      const { storage } = opened;
      await storage.write(new Map<string, unknown>(Object.entries({ a: 1, b: 2, c: 3 })));
      await storage.write(new Map<string, unknown>(Object.entries({ a: 4, b: undefined, d: 5 })));
      expect(await storage.read('')).toEqual(new Map(Object.entries({ a: 4, c: 3, d: 5 })));
    });

    it('keeps what was given, whatever is done to it afterwards', async () => {
      await using opened = await open();
      const value = { list: [1] };
      const writing = opened.storage.write(new Map([['a', value]]));
      value.list.push(2);
      await writing;
      const [read] = (await opened.storage.read('')).values() as Iterable<typeof value>;
      expect(read).toEqual({ list: [1] });
      read!.list.push(3);
      expect((await opened.storage.read('')).get('a')).toEqual({ list: [1] });
    });

    it('takes writes in the order of the calls, also without waiting', async () => {
      await using opened = await open();
      const { storage } = opened;
      await Promise.all(Array.from({ length: 50 }, (_, index) => storage.write(new Map([['a', index]]))));
      expect((await storage.read('')).get('a')).toBe(49);
    });

    it('is found again as it was left', async () => {
      const changes = array(record({ key: constantFrom('a', 'b', 'c/1', 'c/2'), value: option(string()) }));
      await assert(
        asyncProperty(array(changes, { maxLength: 8 }), async (writes) => {
          await using opened = await open();
          const model = new Map<string, unknown>();
          for (const write of writes) {
            const change = new Map(write.map(({ key, value }) => [key, value ?? undefined]));
            await opened.storage.write(change);
            for (const [key, value] of change) {
              if (value === undefined) model.delete(key);
              else model.set(key, value);
            }
          }
          await opened.storage.close();
          const again = await opened.reopen();
          expect(await again.read('')).toEqual(model);
          await again.close();
        }),
        { numRuns: 15 },
      );
    });
  });
};
