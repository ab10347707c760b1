import { setTimeout as pause } from 'node:timers/promises';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import { backOff, defaultBackOff, type BackOff } from '../projections/back-off.ts';
import { silent, type Log } from '../projections/log.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import { errorClass } from '../projections/projection-errors.ts';
import type { Reaction } from './reaction.ts';

export interface ReactionRunnerOptions {
  readonly reaction: Reaction;
  readonly tail: LogTail;
  readonly documents: DocumentStore;
  readonly log?: Log | undefined;
  readonly backOff?: BackOff | undefined;
}

export interface ReactionStatus {
  readonly name: string;
  /** `retrying`: the event after `position` fails, or the log or the documents cannot be reached. */
  readonly state: 'running' | 'retrying';
  /** Everything up to here is done. */
  readonly position: Position;
  /** Failures in a row; 0 while it runs. */
  readonly attempts: number;
  /** Class of the last error. */
  readonly error: string | null;
}

/** What the names of all reactions' checkpoints begin with. Once in use it never changes. */
export const reactionPrefix = 'reaction:';

/** Events that do not concern the reaction before its checkpoint moves on nevertheless. */
const checkpointEvery = 1_000;

/**
 * Follows the log from the reaction's own checkpoint, which no rebuild touches, and never passes over a failing event:
 * it is tried again until it succeeds. Runs until disposed of, which waits for what has begun.
 */
export class ReactionRunner implements AsyncDisposable {
  readonly #options: ReactionRunnerOptions;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #position = beforeLog;
  /** What the store has as checkpoint. */
  #saved: Position | undefined;
  #passedOver = 0;
  #attempts = 0;
  #error: string | null = null;

  constructor(options: ReactionRunnerOptions) {
    this.#options = options;
    this.#log = options.log ?? silent;
    this.#running = this.#run();
  }

  status(): ReactionStatus {
    return {
      name: this.#options.reaction.name,
      state: this.#attempts === 0 ? 'running' : 'retrying',
      position: this.#position,
      attempts: this.#attempts,
      error: this.#error,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  get #checkpoint(): string {
    return `${reactionPrefix}${this.#options.reaction.name}`;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        this.#failed(error);
        const waitMs = backOff(this.#options.backOff ?? defaultBackOff, this.#attempts);
        await pause(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #follow(): Promise<void> {
    const { tail, documents } = this.#options;
    this.#saved = await documents.checkpoint(this.#checkpoint);
    this.#position = this.#saved ?? beforeLog;
    for await (const batch of tail.follow(this.#position, this.#stop.signal)) {
      if (batch.kind !== 'events') this.#succeeded(batch.position);
      else for (const logged of batch.events) await this.#pass(logged);
      if (this.#stop.signal.aborted) return;
    }
  }

  async #pass(logged: LoggedEvent): Promise<void> {
    const { reaction } = this.#options;
    if (this.#stop.signal.aborted) return;
    if (!reaction.concerns(logged)) {
      this.#passedOver += 1;
      if (this.#passedOver >= checkpointEvery) await this.#save(logged.position);
      this.#position = logged.position;
      return;
    }
    await reaction.react(logged);
    await this.#save(logged.position);
    this.#succeeded(logged.position);
  }

  /** Whoever else runs the same reaction has done the same: its checkpoint is as good as this one. */
  async #save(position: Position): Promise<void> {
    const { documents } = this.#options;
    this.#passedOver = 0;
    if (this.#saved !== undefined && this.#saved >= position) return;
    const move = { name: this.#checkpoint, from: this.#saved, to: position };
    this.#saved = (await documents.commit([], move)) ? position : await documents.checkpoint(this.#checkpoint);
  }

  #succeeded(position: Position): void {
    if (this.#attempts > 0) this.#log.info({ reaction: this.#options.reaction.name }, 'A reaction goes on');
    this.#position = position;
    this.#attempts = 0;
    this.#error = null;
  }

  #failed(error: unknown): void {
    this.#attempts += 1;
    this.#error = errorClass(error);
    const fields = { reaction: this.#options.reaction.name, error: this.#error, attempts: this.#attempts };
    this.#log.warn(fields, 'A reaction failed and is tried again');
  }
}
