import { BackOff } from '../back-off.ts';
import { isWorthRepeating, Refused, retryAfterOf, SignedOut } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { pause } from '../repeat.ts';
import { writeOne, type ClientStorage } from '../storage/storage.ts';
import { UploadFailed } from '../upload.ts';
import { Confirmed } from './confirmed.ts';
import { laneOf, merged, messageIdOf, type Entry, type Failure, type Operation } from './entry.ts';
import type { Pace } from './pace.ts';

export interface OutboxOptions {
  readonly platform: Platform;
  readonly storage: ClientStorage;
  readonly pace: Pace;
  /**
   * Does it, and takes in what the server says; resolves with the position of what has come of it, where only a push
   * will show that. `update` keeps what was done on the way.
   */
  readonly deliver: (entry: Entry, update: (operation: Operation) => Promise<void>) => Promise<string | undefined>;
  readonly onChange: (conversationId: string) => void;
  readonly onFailed: (entry: Entry) => void;
  readonly onError: (error: unknown) => void;
}

const prefix = 'outbox/';
const digits = 15;

const failureOf = (error: unknown): Failure | undefined => {
  if (isWorthRepeating(error) || error instanceof SignedOut) return undefined;
  if (error instanceof Refused) return { code: error.problem.code, title: error.problem.title };
  if (error instanceof UploadFailed) return { code: 'upload/failed', title: error.message };
  throw error;
};

/**
 * What was asked for and is not done yet. It is stored before it is tried, and tried until the server has answered, in
 * the order asked for within a conversation: what may succeed later holds up what comes after it, what was refused
 * steps aside as failed and waits for its user.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** In order. */
  readonly #entries = new Map<string, Entry>();
  readonly #storing = new Map<string, Promise<void>>();
  /** Lanes that somebody works on. */
  readonly #busy = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Tried since it was asked for, or perhaps before this client began. */
  readonly #tried = new Set<string>();
  readonly #confirmed: Confirmed;
  #lastNumber = 0;
  #online: AbortController | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#confirmed = new Confirmed(options);
  }

  async load(): Promise<void> {
    const stored = [...(await this.#options.storage.read(prefix)).values()] as Entry[];
    for (const entry of stored.toSorted((one, other) => (one.entryId < other.entryId ? -1 : 1))) {
      this.#entries.set(entry.entryId, entry);
      this.#tried.add(entry.entryId);
      this.#lastNumber = Math.max(this.#lastNumber, Number(entry.entryId));
    }
  }

  /** Of one conversation, or all, in order. */
  entries(conversationId?: string): readonly Entry[] {
    const all = [...this.#entries.values()];
    return conversationId === undefined ? all : all.filter((entry) => entry.conversationId === conversationId);
  }

  /** What of a conversation is to be shown as done, though no push has told of it yet: all of its entries and more. */
  shown(conversationId: string): readonly Entry[] {
    return [...this.#confirmed.of(conversationId), ...this.entries(conversationId)];
  }

  /** Resolves once it is stored; what the user sees of it is there at once. */
  async add(conversationId: string, operation: Operation): Promise<Entry> {
    const { platform } = this.#options;
    const waiting = operation.type === 'receipt' ? this.#waitingReceipt(conversationId) : undefined;
    const entry: Entry = {
      entryId: waiting?.entryId ?? this.#nextId(),
      conversationId,
      operation:
        operation.type === 'receipt' && waiting?.operation.type === 'receipt'
          ? merged(waiting.operation, operation)
          : operation,
      at: new Date(platform.now()).toISOString(),
      failure: null,
    };
    this.#set(entry);
    this.#drain(laneOf(entry));
    await this.#storing.get(entry.entryId);
    return entry;
  }

  /** Tries a failed one again, after all others of its conversation. False if there is no such entry. */
  async retry(entryId: string): Promise<boolean> {
    const failed = this.#entries.get(entryId);
    if (failed === undefined || failed.failure === null) return false;
    const entry = { ...failed, entryId: this.#nextId(), failure: null };
    this.#entries.delete(entryId);
    this.#entries.set(entry.entryId, entry);
    this.#tried.add(entry.entryId);
    const { storage, onChange } = this.#options;
    const stored = storage.write(
      new Map<string, unknown>([
        [`${prefix}${entryId}`, undefined],
        [`${prefix}${entry.entryId}`, entry],
      ]),
    );
    this.#storing.set(entry.entryId, stored);
    onChange(entry.conversationId);
    this.#drain(laneOf(entry));
    await stored;
    return true;
  }

  /** Gives it up, and what was to be done to its message. False where it is too late: it may have been sent already. */
  async discard(entryId: string): Promise<boolean> {
    const entry = this.#entries.get(entryId);
    if (entry === undefined || (entry.failure === null && this.#tried.has(entryId))) return false;
    const messageId = messageIdOf(entry);
    const dependent =
      entry.operation.type === 'send' ? this.entries().filter((other) => messageIdOf(other) === messageId) : [];
    await Promise.all([entry, ...dependent].map((gone) => this.#remove(gone)));
    return true;
  }

  /** A message of this id is known to be there: it need not be sent (any more). */
  acknowledge(messageId: string): void {
    const sent = this.entries().find(({ operation }) => operation.type === 'send' && operation.messageId === messageId);
    if (sent !== undefined) this.#remove(sent).catch((error: unknown) => this.#options.onError(error));
  }

  /** An event with this position was pushed. */
  pushed(position: string): void {
    this.#confirmed.pushed(position);
  }

  online(): void {
    this.#online ??= new AbortController();
    for (const lane of new Set([...this.#entries.values()].map(laneOf))) this.#drain(lane);
  }

  offline(): void {
    this.#online?.abort();
    this.#online = undefined;
  }

  /** Resolves once nothing is being done any more. What is not done is stored. */
  async dispose(): Promise<void> {
    this.offline();
    this.#confirmed.stop();
    await Promise.all(this.#running);
    await Promise.allSettled(this.#storing.values());
  }

  #nextId(): string {
    this.#lastNumber += 1;
    return String(this.#lastNumber).padStart(digits, '0');
  }

  #waitingReceipt(conversationId: string): Entry | undefined {
    return this.entries(conversationId).find(
      (entry) => entry.operation.type === 'receipt' && !this.#tried.has(entry.entryId),
    );
  }

  #set(entry: Entry): void {
    this.#entries.set(entry.entryId, entry);
    const stored = writeOne(this.#options.storage, `${prefix}${entry.entryId}`, entry);
    // Whoever waits for it is told; that nobody does is no reason to end the process.
    stored.catch(() => {});
    this.#storing.set(entry.entryId, stored);
    this.#options.onChange(entry.conversationId);
  }

  async #remove(entry: Entry): Promise<void> {
    if (!this.#entries.delete(entry.entryId)) return;
    this.#storing.delete(entry.entryId);
    this.#tried.delete(entry.entryId);
    this.#options.onChange(entry.conversationId);
    await writeOne(this.#options.storage, `${prefix}${entry.entryId}`, undefined);
  }

  #next(lane: string): Entry | undefined {
    return [...this.#entries.values()].find((entry) => entry.failure === null && laneOf(entry) === lane);
  }

  #drain(lane: string): void {
    if (this.#busy.has(lane)) return;
    this.#busy.add(lane);
    const work = this.#work(lane).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #work(lane: string): Promise<void> {
    const { platform, onError } = this.#options;
    const backOff = new BackOff({ firstMs: 250, mostMs: 10_000 }, () => platform.random());
    try {
      for (;;) {
        const online = this.#online;
        const entry = this.#next(lane);
        if (online === undefined || entry === undefined) return;
        const delayMs = await this.#try(entry, backOff, online.signal);
        if (delayMs === undefined) backOff.reset();
        // When the line is lost and back, everything is tried at once.
        else await pause(platform, delayMs, online.signal);
      }
    } catch (error) {
      onError(error);
    } finally {
      // At the very moment at which it has looked for the last time, or what is added a moment later would be left.
      this.#busy.delete(lane);
    }
  }

  /** Undefined when it is decided; else how long to wait before it is tried again. */
  async #try(entry: Entry, backOff: BackOff, online: AbortSignal): Promise<number | undefined> {
    const { deliver, pace, onFailed } = this.#options;
    // What is not stored yet could be sent, forgotten in a crash, and asked for once more under another id.
    await this.#storing.get(entry.entryId);
    await pace.turn(online);
    if (online.aborted) return 0;
    // It may have been settled, or replaced by a later one, while it waited.
    const present = this.#entries.get(entry.entryId);
    if (present === undefined || present.failure !== null) return undefined;
    this.#tried.add(entry.entryId);
    let position: string | undefined;
    try {
      position = await deliver(present, async (operation) => {
        this.#set({ ...present, operation });
        await this.#storing.get(entry.entryId);
      });
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) return backOff.next(retryAfterOf(error));
      const refused = this.#entries.get(entry.entryId);
      if (refused === undefined) return undefined;
      // Nobody can do anything about a receipt.
      if (refused.operation.type === 'receipt') await this.#remove(refused);
      else {
        this.#set({ ...refused, failure });
        await this.#storing.get(entry.entryId);
        onFailed({ ...refused, failure });
      }
      return undefined;
    }
    const done = this.#entries.get(entry.entryId);
    if (done === undefined) return undefined;
    if (position !== undefined) this.#confirmed.add(done, position);
    await this.#remove(done);
    return undefined;
  }
}
