import type { Position } from '../ports/event-store.ts';

/** What one event needs: of a conversation, the document of a user or of a message. */
export interface Wanted {
  readonly conversationId: string;
  readonly id: string;
  /** Of the event: what is read must not be older. */
  readonly position: Position;
}

export interface LookAheadOptions<Value> {
  /** Resolves once the read model has passed the position. */
  readonly passed: (position: Position) => Promise<void>;
  /** Up to where the read model is done. */
  readonly reached: () => Position;
  /** What is found, in the same order; undefined for what is not there. */
  readonly read: (wanted: readonly Wanted[]) => Promise<readonly (Value | undefined)[]>;
}

/** Read at the same time, at most. */
const mostAtOnce = 64;

const keyOf = ({ conversationId, id }: Wanted): string => `${conversationId}/${id}`;

/**
 * Reads what an event needs together with what those behind it in the batch will need, as far as the read model is.
 * Whoever follows the log event by event would otherwise fall behind by the time of a query for each of them.
 */
export class LookAhead<Value> {
  readonly #options: LookAheadOptions<Value>;
  readonly #found = new Map<string, { readonly reached: Position; readonly value: Value | undefined }>();
  #upcoming: readonly Wanted[] = [];

  constructor(options: LookAheadOptions<Value>) {
    this.#options = options;
  }

  /** What the events of the next batch will ask for, in log order. Forgets what was read for the batch before. */
  expect(upcoming: readonly Wanted[]): void {
    this.#upcoming = upcoming;
    this.#found.clear();
  }

  /** Never older than the position. */
  async get(wanted: Wanted): Promise<Value | undefined> {
    const known = this.#found.get(keyOf(wanted));
    if (known !== undefined && known.reached >= wanted.position) return known.value;
    await this.#options.passed(wanted.position);
    const reached = this.#options.reached();
    const all = new Map([[keyOf(wanted), wanted]]);
    for (const next of this.#upcoming) {
      if (all.size >= mostAtOnce || next.position > reached) break;
      if (next.position > wanted.position) all.set(keyOf(next), next);
    }
    const values = await this.#options.read([...all.values()]);
    for (const [index, key] of [...all.keys()].entries()) this.#found.set(key, { reached, value: values[index] });
    return values[0];
  }
}
