import type { Presence, PresentDevice, UserPresence } from '../../ports/presence.ts';

interface Entry {
  readonly connectionId: string;
  readonly state: PresentDevice['state'];
  readonly until: number;
}

interface Known {
  readonly devices: Map<string, Entry>;
  seen: number;
}

export interface InProcessPresenceOptions {
  /** How long a device is there after it was last said so. */
  readonly holdsMs?: number;
  /** Of users who are gone the last ones are remembered. */
  readonly maxGone?: number;
}

const nobody: UserPresence = { state: 'offline', seenAt: null, expiresInMs: null };

/** In the memory of this process, for itself only. */
export class InProcessPresence implements Presence {
  readonly #holdsMs: number;
  readonly #maxGone: number;
  /** In the order in which they were last heard of. */
  readonly #users = new Map<string, Known>();

  constructor({ holdsMs = 60_000, maxGone = 100_000 }: InProcessPresenceOptions = {}) {
    this.#holdsMs = holdsMs;
    this.#maxGone = maxGone;
  }

  async say(devices: readonly PresentDevice[]): Promise<readonly string[]> {
    const now = Date.now();
    const before = new Map(devices.map(({ userId }) => [userId, this.#of(userId, now).state]));
    for (const { userId, deviceId, connectionId, state } of devices) {
      const known: Known = this.#users.get(userId) ?? { devices: new Map(), seen: now };
      known.devices.set(deviceId, { connectionId, state, until: now + this.#holdsMs });
      known.seen = now;
      this.#users.delete(userId);
      this.#users.set(userId, known);
    }
    this.#forget(now);
    return [...before].filter(([userId, state]) => this.#of(userId, now).state !== state).map(([userId]) => userId);
  }

  async leave({ userId, deviceId, connectionId }: Omit<PresentDevice, 'state'>): Promise<boolean> {
    const now = Date.now();
    const before = this.#of(userId, now).state;
    const known = this.#users.get(userId);
    if (known?.devices.get(deviceId)?.connectionId !== connectionId || before === 'offline') return false;
    known.devices.delete(deviceId);
    known.seen = now;
    return this.#of(userId, now).state !== before;
  }

  async of(userIds: readonly string[]): Promise<ReadonlyMap<string, UserPresence>> {
    const now = Date.now();
    return new Map(userIds.map((userId) => [userId, this.#of(userId, now)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#users.clear();
  }

  #of(userId: string, now: number): UserPresence {
    const known = this.#users.get(userId);
    if (known === undefined) return nobody;
    const there = [...known.devices.values()].filter(({ until }) => until > now);
    const seenAt = new Date(known.seen).toISOString();
    if (there.length === 0) return { state: 'offline', seenAt, expiresInMs: null };
    const online = there.filter(({ state }) => state === 'online');
    const best = online.length > 0 ? online : there;
    const expiresInMs = Math.max(...best.map(({ until }) => until)) - now;
    return { state: best[0]!.state, seenAt, expiresInMs };
  }

  #forget(now: number): void {
    for (const [userId, { devices, seen }] of this.#users) {
      if (this.#users.size <= this.#maxGone || seen + this.#holdsMs > now) return;
      for (const [deviceId, { until }] of devices) if (until <= now) devices.delete(deviceId);
      if (devices.size === 0) this.#users.delete(userId);
    }
  }
}
