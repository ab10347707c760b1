import type { ProjectedStore } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import { Bell } from './bell.ts';
import type { Log } from './log.ts';
import type { LogTail } from './log-tail.ts';
import { pause } from './persist.ts';
import { ProgressNews } from './progress-news.ts';
import { errorClass } from './projection-errors.ts';

export interface ShardPositionsOptions {
  readonly documents: ProjectedStore;
  readonly tail: Pick<LogTail, 'head'>;
  readonly log: Log;
  /** Over which processes tell each other at once how far they are; `self` names this one. */
  readonly sharing?: { readonly self: string; readonly pubSub: PubSub } | undefined;
}

export interface ShardWatcher {
  /** Every event of the shard up to the position is in its documents. */
  moved(position: Position): void;
  /** The checkpoint does not exist (any more). */
  gone(): void;
}

interface Watch {
  readonly watcher: ShardWatcher;
  /** Undefined until it is known. */
  position: Position | undefined;
}

/** How often checkpoints are looked up that are behind: while the others say themselves how far they are, and while they do not. */
const lookMs = { told: 1_000, untold: 50 } as const;

/**
 * How far each shard is, whichever process projects it: those of this one say so, the others tell by pub/sub, and what
 * they do not tell is looked up, all checkpoints with one query.
 */
export class ShardPositions implements AsyncDisposable {
  readonly #options: ShardPositionsOptions;
  readonly #watches = new Map<string, Set<Watch>>();
  /** Projected by this process. */
  readonly #own = new Set<string>();
  readonly #bell = new Bell();
  readonly #stop = new AbortController();
  readonly #looking: Promise<void>;
  #resting = new AbortController();
  readonly #news: ProgressNews | undefined;

  constructor(options: ShardPositionsOptions) {
    this.#options = options;
    const { sharing, log } = options;
    this.#news = sharing && new ProgressNews({ ...sharing, log, hear: (name, position) => this.#move(name, position) });
    this.#looking = this.#look();
  }

  /** Tells the watcher of every move of the checkpoint, from where it stands now on. */
  watch(checkpoint: string, watcher: ShardWatcher): Disposable {
    const watch: Watch = { watcher, position: undefined };
    const watches = this.#watches.getOrInsertComputed(checkpoint, () => new Set());
    watches.add(watch);
    this.#wake();
    return {
      [Symbol.dispose]: () => {
        watches.delete(watch);
        if (watches.size === 0) this.#watches.delete(checkpoint);
      },
    };
  }

  /** Until disposed of, this process moves the checkpoint: it need not be looked up. */
  own(checkpoint: string): Disposable {
    this.#own.add(checkpoint);
    return {
      [Symbol.dispose]: () => {
        this.#own.delete(checkpoint);
        this.#wake();
      },
    };
  }

  /** A projector of this process has come so far. */
  report(checkpoint: string, position: Position): void {
    this.#move(checkpoint, position);
    this.#news?.tell(checkpoint, position);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#looking;
    await this.#news?.[Symbol.asyncDispose]();
  }

  #move(checkpoint: string, position: Position): void {
    for (const watch of this.#watches.get(checkpoint) ?? []) {
      if (watch.position !== undefined && position <= watch.position) continue;
      watch.position = position;
      watch.watcher.moved(position);
    }
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    let failed = false;
    while (!signal.aborted) {
      const { rings } = this.#bell;
      const foreign = [...this.#watches].filter(([name]) => !this.#own.has(name));
      if (foreign.length === 0) {
        await this.#bell.after(rings);
        continue;
      }
      try {
        await this.#lookUp(foreign);
        failed = false;
      } catch (error) {
        if (!failed)
          this.#options.log.warn({ error: errorClass(error) }, 'Checkpoints cannot be looked up; trying again');
        failed = true;
      }
      if (failed || this.#bell.rings === rings) await this.#rest();
    }
  }

  /** Those that are at the end of the log have nothing new to say. */
  async #lookUp(foreign: readonly (readonly [string, ReadonlySet<Watch>])[]): Promise<void> {
    const { documents, tail } = this.#options;
    const head = tail.head();
    const names = foreign
      .filter(([, watches]) => watches.values().some(({ position }) => position === undefined || position < head))
      .map(([name]) => name);
    if (names.length === 0) return;
    const found = await documents.checkpoints(names);
    for (const [name, watches] of foreign) {
      const position = found.get(name);
      if (position !== undefined) this.#move(name, position);
      else if (names.includes(name)) for (const { watcher } of watches) watcher.gone();
    }
  }

  async #rest(): Promise<void> {
    const heardMs = performance.now() - (this.#news?.heardAt ?? -Infinity);
    this.#resting = new AbortController();
    await pause(heardMs < lookMs.told ? lookMs.told : lookMs.untold, this.#resting.signal);
  }

  #wake(): void {
    this.#bell.ring();
    this.#resting.abort();
  }
}
