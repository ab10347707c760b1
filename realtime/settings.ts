import { maxFrameBytes } from './protocol.ts';

export interface RealtimeSettings {
  /** How long a socket may stay without its hello. */
  readonly helloMs: number;
  /** How long a client may send nothing. */
  readonly silenceMs: number;
  readonly maxFrameBytes: number;
  /** Bytes that may wait for one socket before its reader counts as too slow. */
  readonly maxQueuedBytes: number;
  /** Requests of one socket that are worked on at once; then the socket is paused. */
  readonly maxInFlight: number;
  /** Most missed events that are replayed: of one conversation, and in all. */
  readonly maxReplayPerConversation: number;
  readonly maxReplay: number;
  /** How long closing waits for requests in flight, and then for clients to answer the close. */
  readonly drainMs: number;
  /** How long a hello may wait for the fan-out and the read models. */
  readonly attachMs: number;
}

export const defaultSettings: RealtimeSettings = {
  helloMs: 10_000,
  silenceMs: 60_000,
  maxFrameBytes,
  maxQueuedBytes: 1024 * 1024,
  maxInFlight: 32,
  maxReplayPerConversation: 1_000,
  maxReplay: 10_000,
  drainMs: 5_000,
  attachMs: 10_000,
};
