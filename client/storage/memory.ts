import type { ClientStorage } from './storage.ts';

/** Keeps everything until the process or page ends. A second client given the same one carries on from the first. */
export class MemoryStorage implements ClientStorage {
  readonly #entries = new Map<string, unknown>();

  read(prefix: string): Promise<ReadonlyMap<string, unknown>> {
    const found = [...this.#entries].filter(([key]) => key.startsWith(prefix));
    return Promise.resolve(new Map(structuredClone(found)));
  }

  write(changes: ReadonlyMap<string, unknown>): Promise<void> {
    for (const [key, value] of structuredClone([...changes])) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
