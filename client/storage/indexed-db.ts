import { StorageTaken, type ClientStorage } from './storage.ts';

interface Request<Result> {
  readonly result: Result;
  readonly error: Error | null;
  addEventListener(type: 'success' | 'error' | 'upgradeneeded', listener: () => void): void;
}
interface ObjectStore {
  put(value: unknown, key: string): unknown;
  delete(key: unknown): unknown;
  getAll(range: unknown): Request<readonly unknown[]>;
  getAllKeys(range: unknown): Request<readonly string[]>;
}
interface Transaction {
  readonly error: Error | null;
  addEventListener(type: 'complete' | 'abort', listener: () => void): void;
  objectStore(name: string): ObjectStore;
}
interface Database {
  addEventListener(type: 'versionchange', listener: () => void): void;
  createObjectStore(name: string): unknown;
  transaction(name: string, mode: string, options?: { readonly durability: 'strict' }): Transaction;
  close(): void;
}
/** The part of the platform that is used here: the types of a browser are not part of this project. */
interface Browser {
  readonly indexedDB: { open(name: string, version: number): Request<Database> };
  readonly IDBKeyRange: { bound(lower: string, upper: string, lowerOpen: boolean, upperOpen: boolean): unknown };
  readonly navigator: {
    readonly locks?: {
      request(
        name: string,
        options: { readonly steal?: boolean; readonly signal?: AbortSignal },
        held: () => Promise<void>,
      ): Promise<void>;
    };
  };
}

const table = 'entries';

const resultOf = <Result>(request: Request<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')));
  });

const open = (browser: Browser, name: string): Promise<Database> => {
  const request = browser.indexedDB.open(name, 1);
  request.addEventListener('upgradeneeded', () => void request.result.createObjectStore(table));
  return resultOf(request);
};

/** Resolves with what ends it once this page has the storage for itself; `onLost`: another page has taken it. */
const hold = ({ navigator }: Browser, name: string, steal: boolean, onLost: () => void): Promise<() => void> =>
  new Promise((resolve, reject) => {
    if (navigator.locks === undefined) return resolve(() => {});
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let isHeld = false;
    const held = (): Promise<void> => {
      isHeld = true;
      resolve(release);
      return released;
    };
    navigator.locks.request(name, steal ? { steal } : {}, held).catch((error: unknown) => {
      if (isHeld) onLost();
      else reject(error);
    });
  });

export interface IndexedDbOptions {
  readonly name: string;
  /** Takes the storage from a page that has it, instead of waiting until that is closed. */
  readonly steal?: boolean;
}

/**
 * A browser's IndexedDB; values are whatever it can clone, files too. Where the browser has Web Locks, one page at a
 * time has it: this waits for, or takes it from, the other one, whose writes then reject with `StorageTaken`.
 */
export const openIndexedDbStorage = async ({ name, steal = false }: IndexedDbOptions): Promise<ClientStorage> => {
  const browser = globalThis as unknown as Browser;
  let isTaken = false;
  const release = await hold(browser, `parley-storage-${name}`, steal, () => {
    isTaken = true;
  });
  const database = await open(browser, name);
  database.addEventListener('versionchange', () => database.close());
  const demandOwn = (): void => {
    if (isTaken) throw new StorageTaken('Another page uses this storage now');
  };

  return {
    async read(prefix) {
      demandOwn();
      const store = database.transaction(table, 'readonly').objectStore(table);
      const range = browser.IDBKeyRange.bound(prefix, `${prefix}\uffff`, false, true);
      const [keys, values] = await Promise.all([resultOf(store.getAllKeys(range)), resultOf(store.getAll(range))]);
      return new Map(keys.map((key, index) => [key, values[index]]));
    },

    async write(changes) {
      demandOwn();
      const transaction = database.transaction(table, 'readwrite', { durability: 'strict' });
      const store = transaction.objectStore(table);
      for (const [key, value] of changes) {
        if (value === undefined) store.delete(key);
        else store.put(value, key);
      }
      await new Promise<void>((resolve, reject) => {
        transaction.addEventListener('complete', () => resolve());
        transaction.addEventListener('abort', () =>
          reject(transaction.error ?? new Error('IndexedDB gave up a write')),
        );
      });
    },

    close() {
      database.close();
      release();
      return Promise.resolve();
    },
  };
};
