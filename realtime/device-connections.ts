import type { Caller, Ending } from '../services/caller.ts';
import type { Connection } from './connection.ts';
import { closeCode } from './protocol.ts';

interface Entry {
  readonly caller: Caller;
  readonly connection: Connection;
  /** When it connected; decides between nodes which of two connections is the newer one. */
  readonly since: number;
}

type Device = Pick<Caller, 'userId' | 'deviceId'>;
const keyOf = ({ userId, deviceId }: Device): string => `${userId}/${deviceId}`;

/** The one connection of each device on this node. */
export class DeviceConnections {
  readonly #byDevice = new Map<string, Entry>();
  /** Sessions that ended while some token was being verified: what was proved of them may be out of date. */
  readonly #revokedMeanwhile = new Set<string>();
  /** Devices, and whole users, that were signed out while some token was being verified. */
  readonly #goneMeanwhile = new Set<string>();
  #verifying = 0;

  /** Proves a caller. Undefined when his session ended, or his account was erased, while it was being proved. */
  async verify(prove: () => Promise<Caller>): Promise<Caller | undefined> {
    this.#verifying += 1;
    try {
      const caller = await prove();
      if (this.#revokedMeanwhile.has(caller.sessionId) || this.#goneMeanwhile.has(caller.userId)) return undefined;
      // Perhaps it was the session before this one that ended: what is proved from now on is sure.
      return this.#goneMeanwhile.has(keyOf(caller)) ? await prove() : caller;
    } finally {
      this.#verifying -= 1;
      if (this.#verifying === 0) {
        this.#revokedMeanwhile.clear();
        this.#goneMeanwhile.clear();
      }
    }
  }

  /** Closes an older connection of the same device. To be called as soon as the caller is proved. */
  add(caller: Caller, connection: Connection, since: number): void {
    const key = keyOf(caller);
    const older = this.#byDevice.get(key);
    this.#byDevice.set(key, { caller, connection, since });
    older?.connection.close(closeCode.replaced);
    const remove = (): void => {
      if (this.#byDevice.get(key)?.connection === connection) this.#byDevice.delete(key);
    };
    connection.ended.addEventListener('abort', remove, { once: true });
  }

  /** The device has connected elsewhere: closes its connection here if that is the older one. */
  connectedElsewhere(device: Device, since: number): void {
    const entry = this.#byDevice.get(keyOf(device));
    if (entry !== undefined && entry.since < since) entry.connection.close(closeCode.replaced);
  }

  /** Closes the connection of a session that has ended. A device that signs in again is told what one that connects again is. */
  ended(session: Caller, ending: Ending): void {
    if (this.#verifying > 0) this.#revokedMeanwhile.add(session.sessionId);
    const entry = this.#byDevice.get(keyOf(session));
    if (entry?.caller.sessionId === session.sessionId) entry.connection.close(closeCode[ending]);
  }

  /** The device was signed out at some time: whose session is to be looked at again, if it is connected here. */
  signedOut(device: Device): Caller | undefined {
    const key = keyOf(device);
    if (this.#verifying > 0) this.#goneMeanwhile.add(key);
    return this.#byDevice.get(key)?.caller;
  }

  /** The account is gone for good. */
  erased(userId: string): void {
    if (this.#verifying > 0) this.#goneMeanwhile.add(userId);
    for (const { caller, connection } of this.#byDevice.values()) {
      if (caller.userId === userId) connection.close(closeCode.revoked);
    }
  }

  callers(): readonly Caller[] {
    return [...this.#byDevice.values()].map(({ caller }) => caller);
  }
}
