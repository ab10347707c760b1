import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { parseStream } from '../../domain/ids.ts';
import { PubSubUnavailable, type PubSub } from '../../ports/pub-sub.ts';
import type { LogTail } from '../../projections/log-tail.ts';
import type { LoggedEvent } from '../../projections/projection.ts';
import type { Position } from '../../ports/event-store.ts';

/** Loses what it is told to lose, without a word; and refuses everything while it is away. */
export class LossyPubSub implements PubSub {
  readonly #inner = new InProcessPubSub();
  loses: (channel: string) => boolean = () => false;
  isAway = false;
  readonly published: string[] = [];

  async publish(channel: string, message: string): Promise<void> {
    if (this.isAway) throw new PubSubUnavailable('away');
    this.published.push(channel);
    if (!this.loses(channel)) await this.#inner.publish(channel, message);
  }

  subscribe(channel: string, listener: (message: string) => void): Promise<AsyncDisposable> {
    return this.#inner.subscribe(channel, listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner[Symbol.asyncDispose]();
  }
}

/** Relays may divide the shards among themselves in any way, also such that two have the same, or nobody has one. */
export const owning = (...shards: readonly number[]) => ({
  owns: (_: string, shard: number): boolean => shards.includes(shard),
});
export const owningAll = { owns: () => true };

/** Follows as the hub does: what it listens to changes between two batches, and begins where it is then. */
export class Listener implements AsyncDisposable {
  readonly #tail: LogTail;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** From which position on each conversation is listened to. */
  readonly listening = new Map<string, Position>();
  readonly heard: LoggedEvent[] = [];
  /** To be listened to as soon as it is heard that they have started. */
  readonly joining = new Set<string>();
  position: Position;
  /** Set to the failure that ended it. */
  error: unknown;

  constructor(tail: LogTail, position: Position) {
    this.#tail = tail;
    this.position = position;
    this.#running = this.#run().catch((error: unknown) => {
      this.error = error;
    });
  }

  listen(conversationId: string): void {
    this.listening.getOrInsert(conversationId, this.position);
  }

  leave(conversationId: string): void {
    this.listening.delete(conversationId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #take(logged: LoggedEvent): void {
    this.heard.push(logged);
    this.position = logged.position;
    const { id } = parseStream(logged.stream);
    if (logged.event.type === 'ConversationStarted' && this.joining.has(id)) this.listen(id);
  }

  async #run(): Promise<void> {
    const wanted = (conversationId: string): boolean => this.listening.has(conversationId);
    while (!this.#stop.signal.aborted) {
      for await (const batch of this.#tail.follow(this.position, this.#stop.signal, wanted)) {
        if (batch.leftOut?.values().some(wanted) === true) break;
        if (batch.kind === 'events') for (const logged of batch.events) this.#take(logged);
        else if (batch.kind === 'passed') this.position = batch.position;
      }
    }
  }
}
