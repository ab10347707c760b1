import { beforeLog, type Position } from '../ports/event-store.ts';
import { indexAfter } from '../projections/index-after.ts';
import type { Entry, Mark } from './messages.ts';

interface ShardWord {
  /** Marks are whole after `from`, up to and with `to`. */
  from: Position;
  to: Position;
  heardAt: number;
}

interface Held {
  readonly entry: Entry;
  readonly arrivedAt: number;
}

export interface MarkBookOptions {
  readonly shards: number;
  /** A shard that nothing was heard of for so long is not relayed at the moment. */
  readonly patienceMs: number;
  /** So many of the newest entries are kept, at least. */
  readonly keptEntries: number;
}

/**
 * What relays have said of the log: up to where it is whole, and which events stand there. Marks may come twice, from
 * two relays for one shard, late, or not at all.
 */
export class MarkBook {
  readonly #options: MarkBookOptions;
  readonly #shards: (ShardWord | undefined)[];
  #held: Held[] = [];
  /** Entries up to here were thrown away. */
  #dropped = beforeLog;

  constructor(options: MarkBookOptions) {
    this.#options = options;
    this.#shards = Array.from({ length: options.shards }, () => undefined);
  }

  /** All shards are whole up to here, each from some position on. */
  get to(): Position {
    const words = this.#shards.map((word) => word?.to ?? beforeLog);
    return words.reduce((least, to) => (to < least ? to : least));
  }

  /** Returns whether marks before this one are missing. */
  add({ shards, previous, position, entries }: Mark, now: number): boolean {
    let isGap = false;
    for (const shard of shards) {
      const word = this.#shards[shard];
      if (word !== undefined && previous <= word.to) {
        word.heardAt = now;
        if (position > word.to) word.to = position;
        continue;
      }
      isGap ||= word !== undefined;
      this.#shards[shard] = { from: previous, to: position, heardAt: now };
    }
    for (const entry of entries) this.#insert(entry, now);
    this.#forget();
    return isGap;
  }

  /** Every shard was heard of lately. */
  isLive(now: number): boolean {
    return this.#shards.every((word) => word !== undefined && now - word.heardAt < this.#options.patienceMs);
  }

  /** Whether everything after the position, up to `to`, is in here, and more will be. */
  covers(position: Position, now: number): boolean {
    return (
      this.isLive(now) &&
      position >= this.#dropped &&
      this.#shards.every((word) => word!.from <= position && position <= word!.to)
    );
  }

  /** The entries after the position, up to `to`, in log order. */
  after(position: Position): readonly Entry[] {
    return this.#held.slice(this.#indexAfter(position), this.#indexAfter(this.to)).map(({ entry }) => entry);
  }

  /** How many entries are known after the position, and when the first of them came. */
  waiting(position: Position): { readonly events: number; readonly since: number | undefined } {
    const start = this.#indexAfter(position);
    return { events: this.#held.length - start, since: this.#held[start]?.arrivedAt };
  }

  #insert(entry: Entry, arrivedAt: number): void {
    if (entry.position <= this.#dropped) return;
    const index = this.#indexAfter(entry.position);
    if (this.#held[index - 1]?.entry.position === entry.position) return;
    if (index === this.#held.length) this.#held.push({ entry, arrivedAt });
    else this.#held.splice(index, 0, { entry, arrivedAt });
  }

  #forget(): void {
    const { keptEntries } = this.#options;
    // Half of it is thrown away at once, so that not every mark moves all the others.
    if (this.#held.length <= 2 * keptEntries) return;
    const dropped = this.#held.splice(0, this.#held.length - keptEntries);
    this.#dropped = dropped.at(-1)!.entry.position;
  }

  #indexAfter(position: Position): number {
    return indexAfter(this.#held, position, ({ entry }) => entry.position);
  }
}
