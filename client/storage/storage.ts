/**
 * Where a client keeps what must survive a reload. Values are what `structuredClone` copies; a storage may allow less
 * (the file storage: JSON) and says so. One client uses a storage at a time.
 */
export interface ClientStorage {
  /** Everything whose key begins with `prefix`. */
  read(prefix: string): Promise<ReadonlyMap<string, unknown>>;
  /** All of it or nothing, durable when it resolves; undefined removes. Writes take effect in the order of the calls. */
  write(changes: ReadonlyMap<string, unknown>): Promise<void>;
  /** After the writes before it. Closing again changes nothing. */
  close(): Promise<void>;
  /**
   * Aborts when another client has taken the storage over: with a `StorageTaken`, as which reads and writes reject from
   * then on. Absent where that cannot happen.
   */
  readonly taken?: AbortSignal;
}

export const writeOne = (storage: ClientStorage, key: string, value: unknown): Promise<void> =>
  storage.write(new Map([[key, value]]));

/** Thrown by a storage that another client has taken over. */
export class StorageTaken extends Error {
  override readonly name = 'StorageTaken';
  constructor() {
    super('Another page uses this storage now');
  }
}
