import type { Caller } from '../services/caller.ts';
import type { Ending } from '../services/caller.ts';
import type { Connection } from './connection.ts';
import { closeCode } from './protocol.ts';

interface Entry {
  readonly caller: Caller;
  readonly connection: Connection;
}

const keyOf = ({ userId, deviceId }: Caller): string => `${userId}/${deviceId}`;

/** The one connection of each device on this node. */
export class DeviceConnections {
  readonly #byDevice = new Map<string, Entry>();
  /** Sessions that ended while some token was being verified: what was proved of them may be out of date. */
  readonly #revokedMeanwhile = new Set<string>();
  #verifying = 0;

  /** Proves a caller. Undefined when his session ended while it was being proved. */
  async verify(prove: () => Promise<Caller>): Promise<Caller | undefined> {
    this.#verifying += 1;
    try {
      const caller = await prove();
      return this.#revokedMeanwhile.has(caller.sessionId) ? undefined : caller;
    } finally {
      this.#verifying -= 1;
      if (this.#verifying === 0) this.#revokedMeanwhile.clear();
    }
  }

  /** Closes an older connection of the same device. To be called as soon as the caller is proved. */
  add(caller: Caller, connection: Connection): void {
    const key = keyOf(caller);
    const older = this.#byDevice.get(key);
    this.#byDevice.set(key, { caller, connection });
    older?.connection.close(closeCode.replaced);
    const remove = (): void => {
      if (this.#byDevice.get(key)?.connection === connection) this.#byDevice.delete(key);
    };
    connection.ended.addEventListener('abort', remove, { once: true });
  }

  /** Closes the connection of a session that has ended. A device that signs in again is told what one that connects again is. */
  ended(session: Caller, ending: Ending): void {
    if (this.#verifying > 0) this.#revokedMeanwhile.add(session.sessionId);
    const entry = this.#byDevice.get(keyOf(session));
    if (entry?.caller.sessionId === session.sessionId) entry.connection.close(closeCode[ending]);
  }
}
