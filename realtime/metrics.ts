/** Counters of one gateway since it was opened; read them at any time. */
export interface RealtimeMetrics {
  socketsOpen: number;
  framesReceived: number;
  framesSent: number;
  bytesSent: number;
  /** Events that had a listener here, and so became frames. */
  eventsPushed: number;
  /** How often the fan-out had to wait for a read model that was behind or parked. */
  readModelWaits: number;
  replays: number;
  resyncs: number;
  /** Closed sockets by close code; 1006 where there was none. */
  readonly closes: Map<number, number>;
}

export const createMetrics = (): RealtimeMetrics => ({
  socketsOpen: 0,
  framesReceived: 0,
  framesSent: 0,
  bytesSent: 0,
  eventsPushed: 0,
  readModelWaits: 0,
  replays: 0,
  resyncs: 0,
  closes: new Map(),
});
