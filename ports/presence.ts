/** Who is there cannot be told or learned now. */
export class PresenceUnavailable extends Error {
  override readonly name = 'PresenceUnavailable';
}

export interface PresentDevice {
  readonly userId: string;
  readonly deviceId: string;
  /** Which connection says so: the same device may have come back elsewhere meanwhile. */
  readonly connectionId: string;
  readonly state: 'online' | 'away';
}

/** A user is as present as the most present of his devices. */
export interface UserPresence {
  readonly state: 'online' | 'away' | 'offline';
  /** RFC 3339, UTC, milliseconds: when a device was last known to be there; null where that is not known. */
  readonly seenAt: string | null;
  /** How long this holds if nobody says more; null for who is offline. */
  readonly expiresInMs: number | null;
}

/**
 * Which devices are there now. What is said of a device holds for a time set when the adapter is opened (60 s unless
 * asked otherwise), then the device is gone, also if whoever said it is. May forget everything at any time: what is
 * there says so again. Throws `PresenceUnavailable`.
 */
export interface Presence extends AsyncDisposable {
  /** Says that these devices are there, from now on. Resolves with the users whose own state changed by it. */
  say(devices: readonly PresentDevice[]): Promise<readonly string[]>;
  /** Says that a device is gone, unless another connection speaks for it. True when the user's own state changed. */
  leave(device: Omit<PresentDevice, 'state'>): Promise<boolean>;
  /** Every user asked for, also those nothing is known of. */
  of(userIds: readonly string[]): Promise<ReadonlyMap<string, UserPresence>>;
}
