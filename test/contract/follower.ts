import { vi } from 'vitest';
import type { EventStore, LogItem, Position, RecordedEvent } from '../../ports/event-store.ts';

/** Runs a subscription and keeps what it yields. */
export class Follower implements AsyncDisposable {
  readonly items: LogItem[] = [];
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(store: EventStore, after: Position) {
    this.#done = this.#run(store, after);
  }

  get events(): readonly RecordedEvent[] {
    return this.items.flatMap((item) => (item.kind === 'events' ? item.events : []));
  }

  get marks(): readonly Position[] {
    return this.items.flatMap((item) => (item.kind === 'caught-up' ? [item.position] : []));
  }

  /** Waits until it has caught up after `count` events. */
  async caughtUpAfter(count: number): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.events.length < count) throw new Error(`${this.events.length} of ${count} events so far`);
        if (this.items.at(-1)?.kind !== 'caught-up') throw new Error('not caught up');
      },
      { timeout: 10_000, interval: 5 },
    );
  }

  abort(): void {
    this.#abort.abort();
  }

  /** Settles when the subscription has ended. */
  get ended(): Promise<void> {
    return this.#done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort();
    await this.#done;
  }

  async #run(store: EventStore, after: Position): Promise<void> {
    for await (const item of store.subscribe(after, this.#abort.signal)) this.items.push(item);
  }
}
