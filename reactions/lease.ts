import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentStore } from '../ports/document-store.ts';
import { silent, type Log } from '../projections/log.ts';
import { errorClass } from '../projections/projection-errors.ts';

export interface LeaseOptions {
  readonly documents: Pick<DocumentStore, 'checkpoint' | 'commit'>;
  readonly name: string;
  readonly log?: Log | undefined;
  /** How often the holder shows that it lives, and the others look. */
  readonly beatMs?: number | undefined;
  /** After so long without a beat another takes the lease. */
  readonly deadMs?: number | undefined;
}

/** Nobody holds the lease. */
const free = 0n;

/**
 * Lets one process at a time do something. The lease is a checkpoint that its holder keeps moving; whoever has seen it
 * stand still for long enough moves it himself, by compare-and-set, and has it. A holder that was stopped for a while
 * may still be at work for a moment: what is done under a lease must bear being done twice.
 */
export class Lease implements AsyncDisposable {
  readonly #options: LeaseOptions;
  readonly #beatMs: number;
  readonly #deadMs: number;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #held: bigint | undefined;
  /** Where a beat was to go whose outcome is not known. */
  #attempted: bigint | undefined;
  #seen: bigint | undefined;
  #seenAt = -Infinity;
  #working: { readonly term: AbortController; readonly done: Promise<void> } | undefined;

  /** `work` begins whenever the lease is gained, and is to end when its signal aborts; it never rejects. */
  constructor(options: LeaseOptions, work: (signal: AbortSignal) => Promise<void>) {
    this.#options = options;
    this.#beatMs = options.beatMs ?? 500;
    this.#deadMs = options.deadMs ?? 3_000;
    this.#running = this.#run(work);
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Gives the lease up, once the work has ended, so that another process need not wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { log = silent } = this.#options;
    const { signal } = this.#stop;
    let failed = false;
    while (!signal.aborted) {
      try {
        if (this.#held === undefined) await this.#seek();
        else await this.#beat();
        failed = false;
      } catch (error) {
        // Held or not, nobody else can gain it meanwhile either.
        if (!failed)
          log.warn({ lease: this.#options.name, error: errorClass(error) }, 'A lease cannot be looked after');
        failed = true;
      }
      if (this.#held === undefined) await this.#end();
      else this.#working ??= begin(work);
      await sleep(this.#beatMs, undefined, { signal }).catch(() => undefined);
    }
    await this.#end();
    if (this.#held !== undefined) await this.#move(this.#held, free).catch(() => false);
  }

  /** Takes it where it is free, or has stood still for too long by this process's own clock. */
  async #seek(): Promise<void> {
    const { documents, name } = this.#options;
    const now = performance.now();
    const present = await documents.checkpoint(name);
    if (present !== this.#seen) {
      this.#seen = present;
      this.#seenAt = now;
    }
    const isOpen = present === undefined || present === free || now - this.#seenAt > this.#deadMs;
    if (isOpen) await this.#take(present);
  }

  async #take(from: bigint | undefined): Promise<void> {
    const to = this.#next(from);
    if (await this.#move(from, to)) this.#held = to;
  }

  async #beat(): Promise<void> {
    const from = this.#held;
    const [lost, to] = [this.#attempted, this.#next(from)];
    this.#attempted = to;
    if (await this.#move(from, to)) this.#held = to;
    else {
      // It did move if only the answer to the beat before was lost.
      const present = await this.#options.documents.checkpoint(this.#options.name);
      this.#held = present !== undefined && present === lost ? present : undefined;
    }
    this.#attempted = undefined;
  }

  async #move(from: bigint | undefined, to: bigint): Promise<boolean> {
    const { documents, name } = this.#options;
    return await documents.commit([], { name, from, to });
  }

  /** By the clock, and not what another process would choose at the same moment. */
  #next(from: bigint | undefined): bigint {
    const now = BigInt(Date.now()) * 1_024n + BigInt(Math.floor(Math.random() * 1_024));
    return from !== undefined && from >= now ? from + 1n : now;
  }

  async #end(): Promise<void> {
    this.#working?.term.abort();
    await this.#working?.done;
    this.#working = undefined;
  }
}

const begin = (work: (signal: AbortSignal) => Promise<void>) => {
  const term = new AbortController();
  return { term, done: work(term.signal) };
};
