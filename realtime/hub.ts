import { setTimeout as delay } from 'node:timers/promises';
import type { ConversationEvent } from '../domain/conversation/events.ts';
import { parseStream } from '../domain/ids.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { LogTail } from '../projections/log-tail.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import type { ReadModelName } from '../projections/queries.ts';
import { expectLookUps, pushEvent } from './fanout.ts';
import type { Viewer } from './frame.ts';
import { loadUser } from './load-user.ts';
import { Listeners, type ListeningUser, type MembershipOf } from './listeners.ts';
import { Slices } from './slices.ts';
import { LookUps, type LookUpOptions } from './look-ups.ts';

export interface HubOptions extends Omit<LookUpOptions, 'signal'> {
  readonly tail: LogTail;
  readonly events: EventStore;
}

export interface HubStatus {
  readonly position: Position;
  /** Read models that the fan-out waits for. */
  readonly waitingFor: readonly ReadModelName[];
  /** The log cannot be followed any further at the moment. */
  readonly failing: boolean;
}

export interface Attached {
  /** The viewer receives every frame after this position; what is older it must read itself. */
  readonly position: Position;
  readonly memberships: readonly MembershipOf[];
  readonly hidesReads: boolean;
}

type Waiting = Map<Viewer, PromiseWithResolvers<Attached>>;

const firstRetryMs = 100;
const lastRetryMs = 5_000;

/** Follows the log once for all sockets of this node, and pushes each event to whoever listens, in log order. */
export class Hub implements AsyncDisposable {
  readonly lookUps: LookUps;
  readonly slices = new Slices();
  readonly #options: HubOptions;
  readonly #listeners = new Listeners();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #waiters = new Set<() => void>();
  readonly #witnesses = new Set<(logged: LoggedEvent) => void>();
  readonly #loading = new Map<string, Waiting>();
  #position: Position | undefined;
  #atRest = true;
  #failing = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.lookUps = new LookUps({ ...options, signal: this.#stop.signal });
    this.#running = this.#run();
  }

  get status(): HubStatus {
    return { position: this.#position ?? -1n, waitingFor: this.lookUps.waitingFor, failing: this.#failing };
  }

  /** Makes the viewer a listener at one exact position, unless the signal aborts before. */
  async attach(viewer: Viewer, signal: AbortSignal): Promise<Attached> {
    const attached = await this.when(
      () => this.#position !== undefined,
      () => {
        const user = this.#listeners.user(viewer.userId);
        return user && this.#join(user, viewer);
      },
      signal,
    );
    return attached ?? (await this.#joinOnceLoaded(viewer, signal));
  }

  detach(viewer: Viewer): void {
    this.#listeners.removeViewer(viewer);
  }

  /** Tells something of the moment to those who listen to a conversation here, but for one user. False: nobody does. */
  tell(conversationId: string, exceptUserId: string, frame: () => Buffer): boolean {
    const members = this.#listeners.conversation(conversationId)?.members.values() ?? [];
    const others = Iterator.from(members)
      .filter(({ user }) => user.userId !== exceptUserId)
      .flatMap(({ user }) => user.viewers)
      .toArray();
    if (others.length === 0) return false;
    const data = frame();
    for (const viewer of others) viewer.tell(data);
    return true;
  }

  /** Runs `work` between two batches of events, once the condition holds there. Rejects when the hub closes or the signal aborts. */
  async when<Result>(condition: () => boolean, work: () => Result, signal = this.#stop.signal): Promise<Result> {
    const ended = AbortSignal.any([signal, this.#stop.signal]);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const attempt = (): void => {
      if (!this.#atRest || ended.aborted || !condition()) return;
      this.#waiters.delete(attempt);
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    };
    const stop = (): void => reject(ended.reason as Error);
    ended.addEventListener('abort', stop, { once: true });
    this.#waiters.add(attempt);
    attempt();
    if (ended.aborted) stop();
    try {
      return await promise;
    } finally {
      this.#waiters.delete(attempt);
      ended.removeEventListener('abort', stop);
    }
  }

  /** Resolves once everything up to `position` has been pushed. */
  async reached(position: Position, signal: AbortSignal): Promise<void> {
    await this.when(
      () => this.#position !== undefined && this.#position >= position,
      () => {},
      signal,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Between two batches only. */
  #join(user: ListeningUser, viewer: Viewer): Attached {
    user.viewers.add(viewer);
    return { position: this.#position!, memberships: this.#listeners.snapshot(user), hidesReads: user.hidesReads };
  }

  async #joinOnceLoaded(viewer: Viewer, signal: AbortSignal): Promise<Attached> {
    const waiting = this.#loading.getOrInsertComputed(viewer.userId, () => {
      const viewers: Waiting = new Map();
      // What goes wrong is told to each who waits.
      void this.#load(viewer.userId, viewers);
      return viewers;
    });
    const joined = Promise.withResolvers<Attached>();
    const stop = (): void => {
      waiting.delete(viewer);
      joined.reject(signal.reason as Error);
    };
    waiting.set(viewer, joined);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await joined.promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #load(userId: string, waiting: Waiting): Promise<void> {
    try {
      await loadUser({
        userId,
        hub: this,
        models: this.#options.models,
        head: () => this.#options.events.head(),
        witness: (listener) => {
          this.#witnesses.add(listener);
          return { [Symbol.dispose]: () => void this.#witnesses.delete(listener) };
        },
        // At the same moment, as whoever has no viewer is never forgotten, and as the position is that of the load.
        found: ({ hidesReads, memberships }) => {
          this.#loading.delete(userId);
          if (waiting.size === 0) return;
          // Another load may have been faster, for a viewer that came just before it ended.
          const user = this.#listeners.user(userId) ?? this.#listeners.addUser(userId, hidesReads, memberships);
          for (const [viewer, { resolve }] of waiting) resolve(this.#join(user, viewer));
        },
      });
    } catch (error) {
      this.#loading.delete(userId);
      for (const { reject } of waiting.values()) reject(error);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      try {
        this.#position ??= await this.#options.events.head();
        this.#wake();
        await this.#follow(this.#position, () => {
          this.#failing = false;
          retryMs = firstRetryMs;
        });
      } catch (error) {
        if (signal.aborted) return;
        this.#failing = true;
        this.#atRest = true;
        this.#options.log.error({ err: error }, 'Realtime cannot follow the log; trying again');
        await delay(retryMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #follow(start: Position, isWell: () => void): Promise<void> {
    const { signal } = this.#stop;
    const wanted = (conversationId: string): boolean => this.#listeners.conversation(conversationId) !== undefined;
    for (let position = start; !signal.aborted; position = this.#position!) {
      let isShort = false;
      for await (const batch of this.#options.tail.follow(position, signal, wanted)) {
        isWell();
        isShort = batch.leftOut?.values().some(wanted) === true;
        if (isShort) break;
        if (batch.kind === 'events') await this.#pushAll(batch.events);
        // Clients come back with this position, so it is always that of an event.
        if (batch.kind === 'passed') this.#moveTo(batch.position);
        this.#wake();
      }
      if (!isShort && !signal.aborted) throw new Error('The log tail ended by itself');
    }
  }

  async #pushAll(batch: readonly LoggedEvent[]): Promise<void> {
    expectLookUps(this.lookUps, this.#listeners, batch);
    // What nobody here listens to may not be in the batch, so nobody begins to listen before its end.
    this.#atRest = false;
    for (const logged of batch) await this.#push(logged);
    this.#atRest = true;
  }

  async #push(logged: LoggedEvent): Promise<void> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    const { category, id } = parseStream(logged.stream);
    if (category === 'conversation') await this.#pushConversation(id, logged);
    if (logged.event.type === 'PrivacyChanged') {
      const hides = !logged.event.data.privacy.readReceipts;
      this.lookUps.privacyChanged(id, hides);
      const user = this.#listeners.user(id);
      if (user) user.hidesReads = hides;
    }
    for (const witness of this.#witnesses) witness(logged);
    this.#moveTo(logged.position);
  }

  async #pushConversation(conversationId: string, { event, revision, position }: LoggedEvent): Promise<void> {
    const { metrics, log } = this.#options;
    const known = this.#listeners.conversation(conversationId);
    if (known?.revision !== undefined && known.revision + 1 !== revision) {
      log.error({ conversationId, revision, expected: known.revision + 1 }, 'A revision is missing in the log');
      for (const { user } of known.members.values()) {
        for (const viewer of user.viewers) viewer.fail('A revision is missing');
      }
    }
    const place = { conversationId, revision, position };
    const options = { listeners: this.#listeners, lookUps: this.lookUps };
    // The stream's name says which events it holds.
    if (!(await pushEvent(options, place, event as ConversationEvent, this.#position!))) return;
    metrics.eventsPushed += 1;
    const listened = this.#listeners.conversation(conversationId);
    if (listened) listened.revision = revision;
  }

  #moveTo(position: Position): void {
    if (this.#position === undefined || position > this.#position) this.#position = position;
    this.lookUps.trim();
  }

  #wake(): void {
    for (const attempt of this.#waiters) attempt();
  }
}
