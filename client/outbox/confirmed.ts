import type { Platform } from '../platform.ts';
import type { Entry } from './entry.ts';

export interface ConfirmedOptions {
  readonly platform: Pick<Platform, 'after'>;
  readonly onChange: (conversationId: string) => void;
}

interface Shown {
  readonly entry: Entry;
  readonly position: string;
  readonly cancel: () => void;
}

/** Replies overtake pushes by no more than this. */
const rememberedPositions = 500;
/** A repeated write has no event of its own: what came of it has been pushed before. */
const mostMs = 3_000;

/**
 * What the server has confirmed, until the push that tells of it: shown as done meanwhile, but not taken for what is.
 * What others have done after it may have been pushed already when the reply comes.
 */
export class Confirmed {
  readonly #options: ConfirmedOptions;
  readonly #shown = new Set<Shown>();
  readonly #pushed = new Set<string>();

  constructor(options: ConfirmedOptions) {
    this.#options = options;
  }

  add(entry: Entry, position: string): void {
    if (this.#pushed.has(position)) return;
    const shown: Shown = {
      entry: { ...entry, isConfirmed: true },
      position,
      cancel: this.#options.platform.after(mostMs, () => this.#remove(shown)),
    };
    this.#shown.add(shown);
  }

  of(conversationId: string): readonly Entry[] {
    return Array.from(this.#shown, ({ entry }) => entry).filter((entry) => entry.conversationId === conversationId);
  }

  pushed(position: string): void {
    this.#pushed.add(position);
    if (this.#pushed.size > rememberedPositions)
      for (const first of this.#pushed) {
        this.#pushed.delete(first);
        break;
      }
    for (const shown of this.#shown) if (shown.position === position) this.#remove(shown);
  }

  stop(): void {
    for (const { cancel } of this.#shown) cancel();
    this.#shown.clear();
  }

  #remove(shown: Shown): void {
    if (!this.#shown.delete(shown)) return;
    shown.cancel();
    this.#options.onChange(shown.entry.conversationId);
  }
}
