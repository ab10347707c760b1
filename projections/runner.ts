import type { ProjectedStore } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import { Bell } from './bell.ts';
import { BuildRun } from './build-run.ts';
import { dropOthers, exposeBuild, readLive, type Build } from './builds.ts';
import { Parking } from './parking.ts';
import { pause, runPersistently } from './persist.ts';
import { Progress } from './progress.ts';
import { BuildGone } from './projection-errors.ts';
import type { RunningModel } from './read-models.ts';
import type { RunnerOptions } from './runner-options.ts';
import { rebuild, type RebuildOptions, type RebuildProgress } from './rebuild.ts';
import type { ProjectionStatus } from './status.ts';
import { readUsable, waitForUsable } from './usable-build.ts';

/**
 * Keeps the live build of one projection up to date, makes it where it is missing, and moves over when the next one goes
 * live; or, where other processes project, follows them in all this.
 */
export class ProjectionRunner implements RunningModel, AsyncDisposable {
  readonly #options: RunnerOptions;
  readonly #closing = new AbortController();
  readonly #progress = new Progress();
  readonly #parking: Parking;
  /** Rings when reads go to another build, and when the current one is gone. */
  readonly #news = new Bell();
  readonly #opened = Promise.withResolvers<void>();
  readonly #work = new Set<Promise<void>>();
  #reading: Build | undefined;
  #current: BuildRun | undefined;
  #successor: BuildRun | undefined;
  #gone = false;
  #rebuilding: RebuildProgress | null = null;
  #rebuild: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#parking = new Parking(options.projection.name, options.log);
    this.#closing.signal.addEventListener('abort', () => this.#news.ring());
    this.#do(this.#run());
  }

  get name(): string {
    return this.#options.projection.name;
  }

  get store(): ProjectedStore {
    return this.#options.documents;
  }

  /** Resolves once the live build can be read, or it is known that making it takes a while. */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  liveBuild(): string | undefined {
    return this.#reading?.name;
  }

  /** Of the newest build that is known here to be live. */
  generation(): number | undefined {
    return (this.#successor ?? this.#current)?.build.generation;
  }

  position(): Position {
    return this.#progress.position;
  }

  passed(position: Position, timeoutMs: number): Promise<boolean> {
    return this.#progress.passed(position, timeoutMs);
  }

  status(): ProjectionStatus {
    const { name, version } = this.#options.projection;
    const caughtUp = this.#current?.caughtUp === true;
    const working = this.#rebuilding === null ? (caughtUp ? 'running' : 'catching-up') : 'rebuilding';
    return {
      name,
      version,
      state: this.#parking.isParked ? 'parked' : working,
      build: this.#reading?.name ?? null,
      position: this.#progress.position,
      lag: this.#options.tail.lag(this.#progress.position),
      trouble: this.#parking.trouble,
      rebuild: this.#rebuilding,
    };
  }

  resume(): boolean {
    if (!this.#parking.resume()) return false;
    this.#progress.goOn();
    return true;
  }

  /** Another build may have gone live, here or in another process: moves over to it. */
  async refresh(): Promise<void> {
    const { documents, projection } = this.#options;
    const live = await readLive(documents, projection.name);
    if (live === undefined || this.#current === undefined || live.version !== projection.version) return;
    if (this.#closing.signal.aborted) return;
    if (live.name === this.#current.build.name || live.name === this.#successor?.build.name) return;
    const overtaken = this.#successor;
    this.#successor = this.#startRun(live);
    if (overtaken !== undefined) this.#do(overtaken[Symbol.asyncDispose]());
  }

  /** Makes the build anew and moves over to it; reads go on meanwhile. A second call joins the first. */
  rebuild(options: Pick<RebuildOptions, 'onProgress'> & { readonly signal?: AbortSignal | undefined }): Promise<void> {
    this.#rebuild ??= this.#rebuildNow(options).finally(() => {
      this.#rebuild = undefined;
    });
    return this.#rebuild;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#progress.stop();
    await Promise.allSettled([...this.#work, this.#rebuild]);
    await this.#successor?.[Symbol.asyncDispose]();
    await this.#current?.[Symbol.asyncDispose]();
  }

  /** Finds or makes a live build, and does so again when it is gone. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#gone = false;
      let resumed = false;
      await runPersistently({
        policy: this.#options.policy,
        signal,
        progress: () => this.#rebuilding?.done,
        onTrouble: (error, attempts) => {
          this.#parking.note(error, attempts);
          this.#opened.resolve();
        },
        attempt: () => this.#establish(resumed),
        parked: async (error, attempts) => {
          await this.#park(error, attempts, signal);
          resumed = true;
        },
      });
      this.#opened.resolve();
      while (!this.#gone && !signal.aborted) {
        const { rings } = this.#news;
        await this.#news.after(rings);
      }
    }
  }

  /** A build of another version that takes the place of one that was read here is left alone until it is resumed. */
  async #establish(resumed: boolean): Promise<void> {
    const { documents, projection, projects } = this.#options;
    const { signal } = this.#closing;
    const live = (await readUsable(this.#options)) ?? (projects ? await this.#makeLive(resumed) : await this.#await());
    if (live === undefined) return;
    if (projects) await exposeBuild(documents, projection, live);
    if (signal.aborted) return;
    this.#parking.clear();
    if (this.#reading === undefined) this.#current = this.#startRun(live);
    else this.#successor = this.#startRun(live);
    this.#dropOthersLater(live);
  }

  async #makeLive(resumed: boolean): Promise<Build | undefined> {
    const { signal } = this.#closing;
    if (this.#reading !== undefined && !resumed) throw new BuildGone(this.#reading.name);
    this.#rebuilding = { done: 0, total: 0, etaMs: null };
    if ((await this.#options.events.head()) >= 0n) this.#opened.resolve();
    const made = await this.#make({ signal, parked: (error, attempts) => this.#park(error, attempts, signal) });
    this.#rebuilding = null;
    return made;
  }

  #await(): Promise<Build | undefined> {
    this.#opened.resolve();
    return waitForUsable(this.#options, this.#options.pollMs, this.#closing.signal);
  }

  async #rebuildNow({ onProgress, signal = new AbortController().signal }: Parameters<this['rebuild']>[0]) {
    await this.opened();
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    this.#rebuilding = { done: 0, total: 0, etaMs: null };
    try {
      const build = await this.#make({ signal: ending, onProgress });
      if (build === undefined) return;
      await this.refresh();
      while (this.#reading?.name !== build.name && !this.#closing.signal.aborted) {
        const { rings } = this.#news;
        await this.#news.after(rings);
      }
    } finally {
      this.#rebuilding = null;
    }
  }

  #make(options: Pick<RebuildOptions, 'signal' | 'onProgress' | 'parked'>): Promise<Build | undefined> {
    return rebuild({
      ...this.#options,
      ...options,
      onTrouble: (error, attempts) => this.#parking.note(error, attempts),
      onProgress: (progress) => {
        this.#rebuilding = progress;
        options.onProgress?.(progress);
      },
    });
  }

  #startRun(build: Build): BuildRun {
    return new BuildRun({
      ...this.#options,
      build,
      onProgress: (run) => this.#onProgress(run),
      onTrouble: (_, error, attempts) => this.#parking.note(error, attempts),
      parked: (_, error, attempts, signal) => this.#park(error, attempts, signal),
      onGone: (run) => this.#onGone(run),
    });
  }

  #onProgress(run: BuildRun): void {
    this.#parking.clear();
    if (run === this.#current) this.#readFrom(run);
    // Not before it has come as far: a read never sees less than one before it.
    else if (run === this.#successor && run.position >= this.#progress.position) {
      const former = this.#current;
      this.#current = run;
      this.#successor = undefined;
      this.#readFrom(run);
      if (former !== undefined) this.#do(former[Symbol.asyncDispose]());
      this.#dropOthersLater(run.build);
    }
  }

  #readFrom(run: BuildRun): void {
    if (this.#reading !== run.build) {
      this.#reading = run.build;
      this.#news.ring();
      this.#opened.resolve();
    }
    this.#progress.advance(run.position);
  }

  #onGone(run: BuildRun): void {
    if (run === this.#successor) this.#successor = undefined;
    if (run !== this.#current) return;
    this.#gone = true;
    this.#news.ring();
  }

  async #park(error: unknown, attempts: number, signal: AbortSignal): Promise<void> {
    this.#opened.resolve();
    this.#progress.stop();
    await this.#parking.park(error, attempts, signal);
    if (!this.#parking.isParked) this.#progress.goOn();
  }

  #dropOthersLater(live: Build): void {
    const { documents, projection, keepMs, log, projects } = this.#options;
    if (!projects) return;
    const { signal } = this.#closing;
    const drop = async (): Promise<void> => {
      await pause(keepMs, signal);
      if (signal.aborted || this.#reading?.name !== live.name) return;
      await dropOthers(documents, projection.name, live).catch((error: unknown) => {
        // They are dropped at the next start.
        log.warn({ projection: projection.name, error: String(error) }, 'Old builds could not be dropped');
      });
    };
    this.#do(drop());
  }

  /** Work that has to end before this does. */
  #do(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}
