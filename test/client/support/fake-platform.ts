import type { Network, Platform, SocketLike } from '../../../client/platform.ts';

type Change = Parameters<Parameters<Network['watch']>[0]>[0];

/** A socket whose other side is the test. */
export class FakeSocket extends EventTarget {
  readonly url: string;
  readonly subprotocol: string;
  readonly sent: Record<string, unknown>[] = [];
  isClosed = false;

  constructor(url: string, subprotocol: string) {
    super();
    this.url = url;
    this.subprotocol = subprotocol;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.isClosed = true;
  }

  opens(): void {
    this.dispatchEvent(new Event('open'));
  }

  says(frame: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(frame) }));
  }

  closes(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

/** Time, chance, network and sockets as the test wants them. */
export class FakePlatform implements Platform {
  readonly sockets: FakeSocket[] = [];
  readonly #timers = new Set<{ at: number; readonly run: () => void }>();
  readonly #listeners = new Set<(change: Change) => void>();
  #now = Date.parse('2026-01-01T00:00:00Z');
  chance = 1;
  isOnline = true;
  fetch: Platform['fetch'] = () => Promise.reject(new Error('There is no server'));

  openSocket(url: string, subprotocol: string): SocketLike {
    const socket = new FakeSocket(url, subprotocol);
    this.sockets.push(socket);
    return socket as unknown as SocketLike;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** When the next timer is due, in milliseconds from now; undefined: there is none. */
  get nextDue(): number | undefined {
    const dues = Array.from(this.#timers, ({ at }) => at - this.#now);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  /** Time passes; what is due on the way is run in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }

  /** Time passes while no timer runs; what was due meanwhile is run at the end of it. */
  oversleep(ms: number): void {
    this.#now += ms;
    this.pass(0);
  }

  /** The clock goes back, and no timer with it. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) timer.at -= ms;
  }

  readonly network: Network = {
    isOnline: () => this.isOnline,
    watch: (listener) => {
      this.#listeners.add(listener);
      return () => void this.#listeners.delete(listener);
    },
  };

  networkTells(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Lets everything run that waits for promises only. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
