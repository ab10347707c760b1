import { SeqSetsUnavailable, type HeldSeqSet, type SeqSets, type SeqSetState } from '../../ports/seq-sets.ts';
import type { Log } from '../log.ts';
import { emptyDigest, extendDigest } from './seq-digest.ts';

/** A number, and the revision at which it came into its set. */
interface Entry {
  readonly seq: number;
  readonly revision: number;
}

/** Where the numbers of one set are read from, ascending by revision. */
export interface SeqSource {
  readonly after: (revision: number, limit: number) => Promise<readonly Entry[]>;
  readonly all: () => Promise<readonly Entry[]>;
}

export interface SeqSetHealerOptions {
  readonly sets: SeqSets;
  readonly log: Log;
  /** How many sets are healed at the same time. */
  readonly atOnce?: number;
  /** How many may wait for it; whoever asks for more is healed when he asks again. */
  readonly waiting?: number;
}

/** More numbers than this are not added one by one; the set is put in place anew. */
const mostAdded = 500;

const stateOf = (
  entries: readonly Entry[],
  from: HeldSeqSet = { count: 0, digest: emptyDigest, mark: -1 },
): HeldSeqSet => ({
  count: from.count + entries.length,
  digest: extendDigest(
    from.digest,
    entries.map(({ seq }) => seq),
  ),
  mark: entries.reduce((highest, { revision }) => Math.max(highest, revision), from.mark),
});

const seqsOf = (entries: readonly Entry[]): readonly number[] => entries.map(({ seq }) => seq);

/**
 * Brings sets into the state that the documents tell of, in the background, each by one at a time. What is put is named
 * after the numbers that were read and not after what was wanted, so that it is true whenever they were read.
 */
export class SeqSetHealer implements AsyncDisposable {
  readonly #options: Required<SeqSetHealerOptions>;
  readonly #waiting = new Map<string, readonly [SeqSetState, SeqSource]>();
  readonly #running = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(options: SeqSetHealerOptions) {
    this.#options = { atOnce: 4, waiting: 1_000, ...options };
  }

  heal(state: SeqSetState, source: SeqSource): void {
    if (this.#isClosed || this.#running.has(state.set)) return;
    if (this.#waiting.size >= this.#options.waiting) return;
    this.#waiting.set(state.set, [state, source]);
    this.#next();
  }

  /** Waits for what has begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  #next(): void {
    for (const [set, [state, source]] of this.#waiting) {
      if (this.#running.size >= this.#options.atOnce) return;
      this.#waiting.delete(set);
      this.#running.set(set, this.#run(state, source));
    }
  }

  async #run(state: SeqSetState, source: SeqSource): Promise<void> {
    try {
      await this.#bringUp(state, source);
    } catch (error) {
      // Whoever asks next is told from the documents, and the set is tried again. An outage is told by others.
      if (!(error instanceof SeqSetsUnavailable)) {
        this.#options.log.warn(
          { set: state.set, error: String(error) },
          'A set of numbers could not be brought up to date',
        );
      }
    } finally {
      this.#running.delete(state.set);
      this.#next();
    }
  }

  async #bringUp({ set, count, digest }: SeqSetState, source: SeqSource): Promise<void> {
    const { sets } = this.#options;
    const held = await sets.held(set);
    if (held?.digest === digest && held.count === count) return;
    if (held !== undefined && held.count < count && count - held.count <= mostAdded) {
      const added = await source.after(held.mark, mostAdded);
      const next = stateOf(added, held);
      // Anything else than what was wanted: something was lost, or this set never led to that one.
      const leadsThere = next.digest === digest && next.count === count;
      if (leadsThere && (await sets.extend(set, held, next, seqsOf(added)))) return;
    }
    const all = await source.all();
    await sets.put(set, stateOf(all), seqsOf(all));
  }
}
