/** The messages cannot be brought to others now; what was published may be lost. */
export class PubSubUnavailable extends Error {
  override readonly name = 'PubSubUnavailable';
}

/**
 * Tells the other nodes something now. May lose messages, never repeats one to the same listener; order per channel.
 * Throws `PubSubUnavailable`. A subscription outlives an outage, without what was published meanwhile.
 */
export interface PubSub extends AsyncDisposable {
  publish(channel: string, message: string): Promise<void>;
  /** Resolves once messages published from then on arrive. Disposing the result ends it. */
  subscribe(channel: string, listener: (message: string) => void): Promise<AsyncDisposable>;
}
