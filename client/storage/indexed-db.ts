import { StorageTaken, type ClientStorage } from './storage.ts';

interface Request<Result> {
  readonly result: Result;
  readonly error: Error | null;
  addEventListener(type: 'success' | 'error' | 'upgradeneeded', listener: () => void): void;
}
interface ObjectStore {
  get(key: string): Request<unknown>;
  put(value: unknown, key: string): unknown;
  delete(key: unknown): unknown;
  getAll(range: unknown): Request<readonly unknown[]>;
  getAllKeys(range: unknown): Request<readonly string[]>;
}
interface Transaction {
  readonly error: Error | null;
  addEventListener(type: 'complete' | 'abort', listener: () => void): void;
  objectStore(name: string): ObjectStore;
  abort(): void;
}
interface Database {
  addEventListener(type: 'versionchange', listener: () => void): void;
  readonly objectStoreNames: { contains(name: string): boolean };
  createObjectStore(name: string): unknown;
  transaction(names: readonly string[], mode: string, options?: { readonly durability: 'strict' }): Transaction;
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
/** Says under one key who has the storage. */
const ownership = 'ownership';
const owner = 'owner';

const resultOf = <Result>(request: Request<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB failed')));
  });

const open = (browser: Browser, name: string): Promise<Database> => {
  const request = browser.indexedDB.open(name, 2);
  request.addEventListener('upgradeneeded', () => {
    const { result } = request;
    for (const store of [table, ownership])
      if (!result.objectStoreNames.contains(store)) result.createObjectStore(store);
  });
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

const ended = (transaction: Transaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('IndexedDB gave up a write')));
  });

export interface IndexedDbOptions {
  readonly name: string;
  /** Takes the storage from a page that has it, instead of waiting until that is closed. */
  readonly steal?: boolean;
}

/**
 * A browser's IndexedDB; values are whatever it can clone, files too. One page at a time has it. Where the browser has
 * Web Locks (on pages that came by https, or from localhost), this waits for the other one, or takes it; elsewhere it
 * always takes it. Who has it is also told by the database itself, so that what the loser writes from the moment on in
 * which it was taken never gets in.
 */
export const openIndexedDbStorage = async ({ name, steal = false }: IndexedDbOptions): Promise<ClientStorage> => {
  const browser = globalThis as unknown as Browser;
  const taken = new AbortController();
  const lose = (): void => {
    if (!taken.signal.aborted) taken.abort(new StorageTaken());
  };
  const release = await hold(browser, `parley-storage-${name}`, steal, lose);
  const database = await open(browser, name);
  database.addEventListener('versionchange', () => database.close());
  const ticket = crypto.getRandomValues(new Uint32Array(4)).join();
  const taking = database.transaction([ownership], 'readwrite', { durability: 'strict' });
  taking.objectStore(ownership).put(ticket, owner);
  await ended(taking);

  return {
    taken: taken.signal,

    async read(prefix) {
      taken.signal.throwIfAborted();
      const store = database.transaction([table], 'readonly').objectStore(table);
      const range = browser.IDBKeyRange.bound(prefix, `${prefix}\uffff`, false, true);
      const [keys, values] = await Promise.all([resultOf(store.getAllKeys(range)), resultOf(store.getAll(range))]);
      return new Map(keys.map((key, index) => [key, values[index]]));
    },

    async write(changes) {
      taken.signal.throwIfAborted();
      const transaction = database.transaction([table, ownership], 'readwrite', { durability: 'strict' });
      const asking = transaction.objectStore(ownership).get(owner);
      asking.addEventListener('success', () => {
        if (asking.result === ticket) return;
        lose();
        transaction.abort();
      });
      const store = transaction.objectStore(table);
      for (const [key, value] of changes) {
        if (value === undefined) store.delete(key);
        else store.put(value, key);
      }
      await ended(transaction).catch((error: unknown) => {
        taken.signal.throwIfAborted();
        throw error;
      });
    },

    close() {
      database.close();
      release();
      return Promise.resolve();
    },
  };
};
