import { serialise } from './frame.ts';
import type { TypingOptions } from './typing.ts';

interface Typist {
  /** When each device stops, if nothing more is heard of it. */
  readonly devices: Map<string, number>;
  timer: NodeJS.Timeout | undefined;
}

/** Who types in the conversations that sockets of this node listen to, told to them when it begins and when it ends. */
export class TypingHere implements Disposable {
  readonly #options: Pick<TypingOptions, 'tell' | 'settings'>;
  readonly #typists = new Map<string, Typist>();

  constructor(options: Pick<TypingOptions, 'tell' | 'settings'>) {
    this.#options = options;
  }

  hear(conversationId: string, userId: string, deviceId: string, isActive: boolean): void {
    const key = `${conversationId}/${userId}`;
    const known = this.#typists.get(key);
    if (isActive) {
      if (!known && !this.#tell(conversationId, userId, true)) return;
      const typist: Typist = known ?? { devices: new Map(), timer: undefined };
      typist.devices.set(deviceId, performance.now() + this.#options.settings.typingMs);
      this.#typists.set(key, typist);
    } else if (!known?.devices.delete(deviceId)) return;
    this.#expire(key, conversationId, userId);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
  }

  #expire(key: string, conversationId: string, userId: string): void {
    const typist = this.#typists.get(key);
    if (typist === undefined) return;
    clearTimeout(typist.timer);
    const now = performance.now();
    for (const [deviceId, until] of typist.devices) if (until <= now) typist.devices.delete(deviceId);
    if (typist.devices.size > 0) {
      const next = Math.min(...typist.devices.values()) - now;
      typist.timer = setTimeout(() => this.#expire(key, conversationId, userId), next).unref();
      return;
    }
    this.#typists.delete(key);
    this.#tell(conversationId, userId, false);
  }

  #tell(conversationId: string, userId: string, active: boolean): boolean {
    return this.#options.tell(conversationId, userId, () =>
      serialise({ type: 'typing', conversationId, userId, active }),
    );
  }
}
