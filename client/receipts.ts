import type { Platform } from './platform.ts';

export interface ReceiptsOptions {
  readonly platform: Pick<Platform, 'after'>;
  /** How long more may come in before it is told. */
  readonly gatherMs: number;
  readonly send: (conversationId: string, delivered: number) => void;
}

/** Tells the server which messages have arrived here: of many at once only the last. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #arrived = new Map<string, number>();
  #cancel: (() => void) | undefined;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  arrived(conversationId: string, seq: number): void {
    this.#arrived.set(conversationId, Math.max(seq, this.#arrived.get(conversationId) ?? 0));
    this.#cancel ??= this.#options.platform.after(this.#options.gatherMs, () => {
      this.#cancel = undefined;
      const arrived = [...this.#arrived];
      this.#arrived.clear();
      for (const [conversation, last] of arrived) this.#options.send(conversation, last);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
