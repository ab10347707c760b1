/** Tells the other nodes something now. May lose messages, never repeats one to the same listener; order per channel. */
export interface PubSub extends AsyncDisposable {
  publish(channel: string, message: string): Promise<void>;
  /** Resolves once messages published from then on arrive. Disposing the result ends it. */
  subscribe(channel: string, listener: (message: string) => void): Promise<AsyncDisposable>;
}
