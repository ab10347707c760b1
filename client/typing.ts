import type { EphemeralFrame } from './frames.ts';
import type { Platform } from './platform.ts';

export interface TypingOptions {
  readonly platform: Pick<Platform, 'after' | 'now'>;
  /** Best effort: what is lost is told again a little later, or never. */
  readonly send: (conversationId: string, active: boolean) => void;
  readonly onChange: (conversationId: string) => void;
}

/** Told again so often while it goes on. */
const repeatMs = 4_000;
/** Whoever is not heard of for so long has stopped. */
const expiryMs = 8_000;

/** Who is typing where, and that this user is. */
export class Typing {
  readonly #options: TypingOptions;
  readonly #others = new Map<string, Map<string, () => void>>();
  readonly #shown = new Map<string, readonly string[]>();
  readonly #told = new Map<string, { readonly at: number; readonly cancel: () => void }>();

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** To be called with every key; stops by itself when no more come. */
  set(conversationId: string, active: boolean): void {
    const { platform, send } = this.#options;
    const told = this.#told.get(conversationId);
    if (!active && told === undefined) return;
    told?.cancel();
    this.#told.delete(conversationId);
    if (!active) return send(conversationId, false);
    const isRepeat = told !== undefined && platform.now() - told.at < repeatMs;
    if (!isRepeat) send(conversationId, true);
    const cancel = platform.after(expiryMs, () => this.set(conversationId, false));
    this.#told.set(conversationId, { at: isRepeat ? told.at : platform.now(), cancel });
  }

  /** Others who are typing there: the same list until it changes. */
  of(conversationId: string): readonly string[] {
    return this.#shown.get(conversationId) ?? none;
  }

  receive({ conversationId, userId, active }: Extract<EphemeralFrame, { type: 'typing' }>): void {
    const typing = this.#others.get(conversationId) ?? new Map<string, () => void>();
    this.#others.set(conversationId, typing);
    const cancel = typing.get(userId);
    cancel?.();
    if (active) {
      const ends = (): void => this.receive({ type: 'typing', conversationId, userId, active: false });
      typing.set(userId, this.#options.platform.after(expiryMs, ends));
    } else typing.delete(userId);
    if ((cancel !== undefined) === active) return;
    this.#shown.set(conversationId, typing.size === 0 ? none : [...typing.keys()]);
    this.#options.onChange(conversationId);
  }

  stop(): void {
    for (const { cancel } of this.#told.values()) cancel();
    for (const typing of this.#others.values()) for (const cancel of typing.values()) cancel();
    this.#told.clear();
    this.#others.clear();
    this.#shown.clear();
  }
}

const none: readonly string[] = [];
