import { UnknownCollection, type ProjectedStore } from '../ports/document-store.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { Build } from './builds.ts';
import type { LogTail } from './log-tail.ts';
import { pause, runPersistently, type RetryPolicy } from './persist.ts';
import { BuildGone, ProjectorFenced } from './projection-errors.ts';
import type { Projection } from './projection.ts';
import { runProjector } from './projector.ts';

export interface BuildRunOptions {
  readonly documents: ProjectedStore;
  readonly tail: LogTail;
  readonly projection: Projection;
  readonly build: Build;
  readonly policy: RetryPolicy;
  readonly batchDocuments?: number | undefined;
  /** After so long without progress of the process that projects, this one takes over. Longer than checkpoints may wait. */
  readonly takeOverMs: number;
  readonly onProgress: (run: BuildRun) => void;
  readonly onTrouble: (run: BuildRun, error: unknown, attempts: number) => void;
  /** An event keeps failing: resolves when it shall be tried again, or when the signal aborts. */
  readonly parked: (run: BuildRun, error: unknown, attempts: number, signal: AbortSignal) => Promise<void>;
  /** The build was dropped; the run has ended. */
  readonly onGone: (run: BuildRun) => void;
}

/** How often one looks how far the process has come that projects instead of this one. */
const standbyMs = 50;

/** Keeps one build up to date until it is stopped, or stands by while another process does. */
export class BuildRun implements AsyncDisposable {
  readonly build: Build;
  readonly #options: BuildRunOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #position = beforeLog;
  #caughtUp = false;

  constructor(options: BuildRunOptions) {
    this.build = options.build;
    this.#options = options;
    this.#running = this.#run();
  }

  get position(): Position {
    return this.#position;
  }

  /** It has seen the end of the log at least once. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { policy, onTrouble, parked, onGone } = this.#options;
    const { signal } = this.#stopping;
    let gone = false;
    await runPersistently({
      policy,
      signal,
      progress: () => this.#position,
      onTrouble: (error, attempts) => onTrouble(this, error, attempts),
      parked: (error, attempts) => parked(this, error, attempts, signal),
      attempt: async () => {
        try {
          await this.#project();
        } catch (error) {
          gone = error instanceof BuildGone || error instanceof UnknownCollection;
          if (!gone) throw error;
        }
      },
    });
    if (gone && !signal.aborted) onGone(this);
  }

  async #project(): Promise<void> {
    const { documents, tail, projection, build, batchDocuments } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return await runProjector({
          documents,
          tail,
          projection,
          build: build.name,
          signal,
          batchDocuments,
          onProgress: (position) => this.#advance(position),
          onCaughtUp: () => this.#catchUp(),
        });
      } catch (error) {
        if (!(error instanceof ProjectorFenced)) throw error;
        await this.#standBy();
      }
    }
  }

  /** Follows the checkpoint that another process moves, until that process seems to be gone. */
  async #standBy(): Promise<void> {
    const { documents, tail, build, takeOverMs } = this.#options;
    const { signal } = this.#stopping;
    for (let movedAt = performance.now(); !signal.aborted;) {
      const checkpoint = await documents.checkpoint(build.name);
      if (checkpoint === undefined) throw new BuildGone(build.name);
      if (checkpoint > this.#position) {
        movedAt = performance.now();
        this.#advance(checkpoint);
      }
      if (checkpoint >= tail.head()) {
        movedAt = performance.now();
        this.#catchUp();
      } else if (performance.now() - movedAt > takeOverMs) return;
      await pause(standbyMs, signal);
    }
  }

  #advance(position: Position): void {
    if (position > this.#position) this.#position = position;
    this.#options.onProgress(this);
  }

  #catchUp(): void {
    this.#caughtUp = true;
    this.#options.onProgress(this);
  }
}
