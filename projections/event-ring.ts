import type { Position } from '../ports/event-store.ts';
import { indexAfter } from './index-after.ts';
import type { Decoded } from './undecodable-log-event.ts';

export interface Sized {
  readonly decoded: Decoded;
  /** Of its data, as JSON. */
  readonly characters: number;
}

interface Held extends Sized {
  readonly arrivedAt: number;
}

export interface RingLimits {
  /** So many are kept, at least, and twice as many at the most; fewer where they are large. */
  readonly events: number;
  readonly characters: number;
}

/** The newest events of the log, up to a number and a size of them: all after `from`, up to `to`. */
export class EventRing {
  readonly #limits: RingLimits;
  #held: Held[] = [];
  #characters = 0;
  #from: Position;
  #to: Position;

  constructor(from: Position, limits: RingLimits) {
    this.#from = from;
    this.#to = from;
    this.#limits = limits;
  }

  get from(): Position {
    return this.#from;
  }

  get to(): Position {
    return this.#to;
  }

  push(events: readonly Sized[], arrivedAt: number): void {
    for (const { decoded, characters } of events) {
      this.#held.push({ decoded, characters, arrivedAt });
      this.#characters += characters;
    }
    this.#to = events.at(-1)?.decoded.position ?? this.#to;
    const excess = this.#excess();
    if (excess === 0) return;
    const dropped = this.#held.splice(0, excess);
    for (const { characters } of dropped) this.#characters -= characters;
    this.#from = dropped.at(-1)!.decoded.position;
  }

  /** How many of the oldest to throw away. Half of all at once, so that not every event moves all the others. */
  #excess(): number {
    const { events, characters: most } = this.#limits;
    if (this.#held.length > 2 * events) return this.#held.length - events;
    let excess = 0;
    if (this.#characters <= most) return excess;
    for (let left = this.#characters; left > most / 2; excess += 1) left -= this.#held[excess]!.characters;
    return excess;
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
