import { test } from 'vitest';

/** A fresh, empty store, and how to open the same data once more, also while the first is open, where it outlives it. */
export interface Opened<Store extends AsyncDisposable> {
  readonly store: Store;
  readonly reopen?: (() => Promise<Store>) | undefined;
}
export type Open<Store extends AsyncDisposable> = () => Promise<Opened<Store>>;

/** A `test` whose body gets a store of its own, closed afterwards. */
export const testOn =
  <Store extends AsyncDisposable>(open: Open<Store>) =>
  (name: string, body: (store: Store, reopen: (() => Promise<Store>) | undefined) => Promise<void>): void =>
    test(name, async (context) => {
      const { store, reopen } = await open();
      context.onTestFinished(async () => {
        await store[Symbol.asyncDispose]();
      });
      await body(store, reopen);
    });

/** The same, skipped for stores whose data ends with them. */
export const testReopening =
  <Store extends AsyncDisposable>(open: Open<Store>) =>
  (name: string, body: (store: Store, reopen: () => Promise<Store>) => Promise<void>): void =>
    test(name, async (context) => {
      const { store, reopen } = await open();
      context.onTestFinished(async () => {
        await store[Symbol.asyncDispose]();
      });
      context.skip(!reopen, 'the data ends with the store');
      if (reopen) await body(store, reopen);
    });

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
};
