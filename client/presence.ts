import type { EphemeralFrame } from './frames.ts';

export type Presence = Omit<Extract<EphemeralFrame, { type: 'presence' }>, 'type'>;

export interface PresenceOptions {
  /** Best effort: everything is asked for again on the next connection. */
  readonly send: (request: { readonly type: string }) => void;
  readonly onChange: (presence: Presence) => void;
}

/** Of those on screen, who is there. Known only while there is a connection. */
export class PresenceWatch {
  readonly #options: PresenceOptions;
  readonly #watched = new Map<string, number>();
  readonly #present = new Map<string, Presence>();
  #isAway = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Returns what ends it. At most 500 users at a time. */
  watch(userIds: readonly string[]): () => void {
    const added = userIds.filter((userId) => !this.#watched.has(userId));
    for (const userId of userIds) this.#watched.set(userId, (this.#watched.get(userId) ?? 0) + 1);
    if (added.length > 0) this.#send('watch', added);
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      this.#unwatch(userIds);
    };
  }

  #unwatch(userIds: readonly string[]): void {
    const gone = userIds.filter((userId) => {
      const times = (this.#watched.get(userId) ?? 0) - 1;
      if (times > 0) this.#watched.set(userId, times);
      else this.#watched.delete(userId);
      return times <= 0;
    });
    for (const userId of gone) this.#present.delete(userId);
    if (gone.length > 0) this.#send('unwatch', gone);
  }

  #send(type: 'watch' | 'unwatch', userIds: readonly string[]): void {
    this.#options.send({ type, userIds } as { readonly type: string });
  }

  /** The user has turned away from this device, or back to it. */
  away(away: boolean): void {
    if (this.#isAway === away) return;
    this.#isAway = away;
    this.#options.send({ type: 'away', away } as { readonly type: string });
  }

  of(userId: string): Presence | undefined {
    return this.#present.get(userId);
  }

  receive({ type: _type, ...presence }: Extract<EphemeralFrame, { type: 'presence' }>): void {
    if (!this.#watched.has(presence.userId)) return;
    this.#present.set(presence.userId, presence);
    this.#options.onChange(presence);
  }

  online(): void {
    if (this.#watched.size > 0) this.#send('watch', [...this.#watched.keys()]);
    if (this.#isAway) this.#options.send({ type: 'away', away: true } as { readonly type: string });
  }

  /** What was known is no longer. */
  offline(): void {
    this.#present.clear();
  }
}
