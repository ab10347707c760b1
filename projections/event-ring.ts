import type { Position } from '../ports/event-store.ts';
import { indexAfter } from './index-after.ts';
import type { Decoded } from './undecodable-log-event.ts';

interface Held {
  readonly decoded: Decoded;
  readonly arrivedAt: number;
}

/** The newest events of the log, up to a number of them: all after `from`, up to `to`. */
export class EventRing {
  readonly #capacity: number;
  #held: Held[] = [];
  #from: Position;
  #to: Position;

  constructor(from: Position, capacity: number) {
    this.#from = from;
    this.#to = from;
    this.#capacity = capacity;
  }

  get from(): Position {
    return this.#from;
  }

  get to(): Position {
    return this.#to;
  }

  push(events: readonly Decoded[], arrivedAt: number): void {
    this.#held.push(...events.map((decoded) => ({ decoded, arrivedAt })));
    this.#to = events.at(-1)?.position ?? this.#to;
    // Half of it is thrown away at once, so that not every event moves all the others.
    if (this.#held.length <= 2 * this.#capacity) return;
    const dropped = this.#held.splice(0, this.#held.length - this.#capacity);
    this.#from = dropped.at(-1)!.decoded.position;
  }

  /** Nothing stands between the newest event and this position. */
  passTo(position: Position): void {
    if (position > this.#to) this.#to = position;
  }

  /** At most `limit` events after `position`, which must not lie before `from`. */
  after(position: Position, limit: number): readonly Decoded[] {
    const start = this.#indexAfter(position);
    return this.#held.slice(start, start + limit).map(({ decoded }) => decoded);
  }

  /** How many events stand after the position, and when the first of them came; of those that are held. */
  waiting(position: Position): { readonly events: number; readonly since: number | undefined } {
    const start = this.#indexAfter(position);
    return { events: this.#held.length - start, since: this.#held[start]?.arrivedAt };
  }

  #indexAfter(position: Position): number {
    return indexAfter(this.#held, position, ({ decoded }) => decoded.position);
  }
}
