import { UnknownCollection, type ProjectedStore } from '../ports/document-store.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { Build } from './builds.ts';
import type { LogTail } from './log-tail.ts';
import type { Ownership } from './ownership.ts';
import { runPersistently, type RetryPolicy } from './persist.ts';
import { BuildGone } from './projection-errors.ts';
import type { Projection } from './projection.ts';
import { runShard } from './run-shard.ts';
import type { ShardPositions } from './shard-positions.ts';
import { checkpointOf, shardsOf, type Shard } from './shards.ts';

export interface BuildRunOptions {
  readonly documents: ProjectedStore;
  readonly tail: LogTail;
  readonly projection: Projection;
  readonly build: Build;
  readonly policy: RetryPolicy;
  readonly batchDocuments?: number | undefined;
  readonly ownership: Ownership;
  readonly positions: ShardPositions;
  readonly onProgress: (run: BuildRun) => void;
  readonly onTrouble: (run: BuildRun, error: unknown, attempts: number) => void;
  /** An event keeps failing: resolves when it shall be tried again, or when the signal aborts. */
  readonly parked: (run: BuildRun, error: unknown, attempts: number, signal: AbortSignal) => Promise<void>;
  /** The build was dropped; the run has ended. */
  readonly onGone: (run: BuildRun) => void;
}

interface ShardState {
  /** Undefined until it is known. */
  position: Position | undefined;
  caughtUp: boolean;
}

/** Keeps one build up to date until it is stopped: projects the shards that are owned here, and follows the others. */
export class BuildRun implements AsyncDisposable {
  readonly build: Build;
  readonly #options: BuildRunOptions;
  readonly #stopping = new AbortController();
  readonly #states: readonly ShardState[];
  readonly #running: Promise<unknown>;
  #position = beforeLog;
  #gone = false;

  constructor(options: BuildRunOptions) {
    this.build = options.build;
    this.#options = options;
    const shards = shardsOf(options.build.shards);
    this.#states = shards.map(() => ({ position: undefined, caughtUp: false }));
    this.#running = Promise.all(shards.map((shard) => this.#keep(shard)));
  }

  /** Up to where all its shards are done. */
  get position(): Position {
    return this.#position;
  }

  /** Every shard has seen the end of the log at least once. */
  get caughtUp(): boolean {
    return this.#states.every(({ caughtUp }) => caughtUp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #keep(shard: Shard): Promise<void> {
    const { ownership, positions, projection, build } = this.#options;
    const { signal } = this.#stopping;
    const { changes } = ownership;
    const wake = (): void => changes.ring();
    signal.addEventListener('abort', wake, { once: true });
    using _watch = positions.watch(checkpointOf(build.name, shard), {
      moved: (position) => this.#moved(shard, position),
      gone: () => this.#dropped(),
    });
    while (!signal.aborted) {
      const { rings } = changes;
      if (!ownership.owns(projection.name, shard.index)) await changes.after(rings);
      else if ((await this.#projectWhileOwned(shard)) === 'ended') break;
    }
    signal.removeEventListener('abort', wake);
  }

  /** `ended` when there is no more to project although the shard is still owned: the log is closed. */
  async #projectWhileOwned(shard: Shard): Promise<'ended' | 'given-up'> {
    const { ownership, projection } = this.#options;
    const term = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, term.signal]);
    const watching = this.#watchOwnership(term, () => ownership.owns(projection.name, shard.index));
    try {
      await this.#project(shard, signal);
      return signal.aborted ? 'given-up' : 'ended';
    } finally {
      term.abort();
      ownership.changes.ring();
      await watching;
    }
  }

  /** Ends the term when the shard is another process's. */
  async #watchOwnership(term: AbortController, isOwned: () => boolean): Promise<void> {
    const { changes } = this.#options.ownership;
    while (!term.signal.aborted) {
      const { rings } = changes;
      if (isOwned()) await changes.after(rings);
      else term.abort();
    }
  }

  async #project(shard: Shard, signal: AbortSignal): Promise<void> {
    const { documents, tail, projection, build, policy, batchDocuments, positions, ownership } = this.#options;
    const name = checkpointOf(build.name, shard);
    const state = this.#states[shard.index]!;
    using _own = positions.own(name);
    await runPersistently({
      policy,
      signal,
      progress: () => state.position,
      onTrouble: (error, attempts) => this.#options.onTrouble(this, error, attempts),
      parked: (error, attempts) => this.#options.parked(this, error, attempts, signal),
      attempt: async () => {
        try {
          await runShard({
            documents,
            tail,
            projection,
            build: build.name,
            shard,
            signal,
            batchDocuments,
            patienceMs: ownership.patienceMs,
            onFenced: () => ownership.refresh(),
            onProgress: (position) => positions.report(name, position),
            onCaughtUp: () => this.#catchUp(shard),
          });
        } catch (error) {
          if (!(error instanceof BuildGone || error instanceof UnknownCollection)) throw error;
          this.#dropped();
        }
      },
    });
  }

  #moved({ index }: Shard, position: Position): void {
    const state = this.#states[index]!;
    state.position = position;
    if (position >= this.#options.tail.head()) state.caughtUp = true;
    this.#advance();
  }

  #catchUp({ index }: Shard): void {
    this.#states[index]!.caughtUp = true;
    this.#advance();
  }

  /** Tells nothing before every shard is known. */
  #advance(): void {
    let least: Position | undefined;
    for (const { position } of this.#states) {
      if (position === undefined) return;
      if (least === undefined || position < least) least = position;
    }
    if (least !== undefined && least > this.#position) this.#position = least;
    this.#options.onProgress(this);
  }

  #dropped(): void {
    if (this.#gone || this.#stopping.signal.aborted) return;
    this.#gone = true;
    this.#stopping.abort();
    this.#options.onGone(this);
  }
}
