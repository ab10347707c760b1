import type { Platform } from '../platform.ts';
import type { ClientStorage } from '../storage/storage.ts';
import type { Copy } from './copy.ts';
import { loadCopies, writeCopies, type Standing } from './persistence.ts';

export interface CopiesOptions {
  readonly platform: Pick<Platform, 'after'>;
  readonly storage: ClientStorage;
  readonly userId: string;
  /** Whether copies are stored at all. */
  readonly persist: boolean;
  readonly onChange: (conversationId: string) => void;
  /** What was changed could not be stored. */
  readonly onError: (error: unknown) => void;
}

/** Changes wait so long for others to be written together with. */
const gatherMs = 500;

/** All copies of this device and where it stands, written to its storage from time to time, always as one. */
export class Copies {
  readonly #options: CopiesOptions;
  readonly #copies = new Map<string, Copy>();
  readonly #unwritten = new Set<string>();
  #standing: Standing = { position: null, syncToken: null };
  #cancelWrite: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: CopiesOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { storage, persist } = this.#options;
    const loaded = persist ? await loadCopies(storage) : undefined;
    if (loaded === undefined) return;
    this.#standing = loaded.standing;
    for (const [conversationId, copy] of loaded.copies) this.#copies.set(conversationId, copy);
  }

  get standing(): Standing {
    return this.#standing;
  }

  stand(standing: Partial<Standing>): void {
    this.#standing = { ...this.#standing, ...standing };
    this.#writeSoon();
  }

  get(conversationId: string): Copy | undefined {
    return this.#copies.get(conversationId);
  }

  all(): readonly Copy[] {
    return [...this.#copies.values()];
  }

  /** The same copy changes nothing; undefined removes it. */
  set(conversationId: string, copy: Copy | undefined): void {
    if (copy === this.#copies.get(conversationId)) return;
    if (copy === undefined) this.#copies.delete(conversationId);
    else this.#copies.set(conversationId, copy);
    this.#unwritten.add(conversationId);
    this.#writeSoon();
    this.#options.onChange(conversationId);
  }

  #writeSoon(): void {
    if (!this.#options.persist) return;
    this.#cancelWrite ??= this.#options.platform.after(gatherMs, () => {
      this.flush().catch((error: unknown) => this.#options.onError(error));
    });
  }

  /** Resolves once everything that was changed before is stored. */
  async flush(): Promise<void> {
    const { storage, userId, persist } = this.#options;
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    if (!persist) return;
    const write = async (): Promise<void> => {
      // Looked up only now: what the write before could not store goes with this one's position.
      const changed = new Map([...this.#unwritten].map((id) => [id, this.#copies.get(id)]));
      this.#unwritten.clear();
      try {
        await writeCopies(storage, userId, this.#standing, changed);
      } catch (error) {
        for (const id of changed.keys()) this.#unwritten.add(id);
        throw error;
      }
    };
    // One after another: a later standing must not be overtaken by an earlier one.
    this.#writing = this.#writing.catch(() => {}).then(write);
    await this.#writing;
  }
}
