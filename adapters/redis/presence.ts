import type { Redis } from 'ioredis';
import { PresenceUnavailable, type Presence, type PresentDevice, type UserPresence } from '../../ports/presence.ts';
import { connectRedis, watchTrouble, type RedisTimeouts, type RedisTrouble } from './connection.ts';
import { presenceScripts } from './presence-scripts.ts';

export interface RedisPresenceOptions extends RedisTrouble {
  readonly url: string;
  /** Begins every key. */
  readonly prefix?: string;
  /** How long a device is there after it was last said so. */
  readonly holdsMs?: number;
  /** How long it is remembered when a user was last seen. */
  readonly remembersMs?: number;
  readonly timeouts?: Partial<RedisTimeouts>;
}

/** State, milliseconds since the epoch when last seen (0: never), and milliseconds that the state holds (0: for ever). */
type Answer = readonly [state: UserPresence['state'], seen: number, holdsMs: number];

interface Scripts {
  parleySay(key: string, ...values: readonly (string | number)[]): Promise<number>;
  parleyLeave(key: string, ...values: readonly (string | number)[]): Promise<number>;
  parleyPresence(key: string): Promise<Answer>;
}

/**
 * One hash for each user: his devices, each with the time until which it is there by Redis's own clock, and when he was
 * last seen. Devices of a node that is gone run out by themselves.
 */
export class RedisPresence implements Presence {
  readonly #redis: Redis & Scripts;
  readonly #prefix: string;
  readonly #holdsMs: number;
  readonly #remembersMs: number;
  readonly #trouble: ReturnType<typeof watchTrouble>;

  constructor(options: RedisPresenceOptions) {
    const { url, prefix = 'parley:', holdsMs = 60_000, remembersMs = 90 * 86_400_000, timeouts, ...trouble } = options;
    const redis = connectRedis(url, timeouts);
    for (const [name, lua] of Object.entries(presenceScripts)) redis.defineCommand(name, { numberOfKeys: 1, lua });
    this.#redis = redis as Redis & Scripts;
    this.#prefix = `${prefix}presence:`;
    this.#holdsMs = holdsMs;
    this.#remembersMs = remembersMs;
    this.#trouble = watchTrouble(trouble);
  }

  async say(devices: readonly PresentDevice[]): Promise<readonly string[]> {
    const byUser = [...Map.groupBy(devices, ({ userId }) => userId)];
    const changed = await this.#attempt(() =>
      Promise.all(
        byUser.map(([userId, own]) => {
          const fields = own.flatMap(({ deviceId, connectionId, state }) => [deviceId, connectionId, state]);
          return this.#redis.parleySay(this.#prefix + userId, this.#holdsMs, this.#remembersMs, ...fields);
        }),
      ),
    );
    return byUser.filter((_, index) => changed[index] === 1).map(([userId]) => userId);
  }

  async leave({ userId, deviceId, connectionId }: Omit<PresentDevice, 'state'>): Promise<boolean> {
    const values = [this.#remembersMs, deviceId, connectionId];
    return (await this.#attempt(() => this.#redis.parleyLeave(this.#prefix + userId, ...values))) === 1;
  }

  async of(userIds: readonly string[]): Promise<ReadonlyMap<string, UserPresence>> {
    const answers = await this.#attempt(() =>
      Promise.all(userIds.map((userId) => this.#redis.parleyPresence(this.#prefix + userId))),
    );
    return new Map(userIds.map((userId, index) => [userId, toPresence(answers[index]!)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }

  #attempt<T>(work: () => Promise<T>): Promise<T> {
    return this.#trouble.attempt(
      work,
      (cause) => new PresenceUnavailable('Redis does not say who is there', { cause }),
    );
  }
}

const toPresence = ([state, seen, holdsMs]: Answer): UserPresence => ({
  state,
  seenAt: seen === 0 ? null : new Date(seen).toISOString(),
  expiresInMs: holdsMs === 0 ? null : holdsMs,
});
