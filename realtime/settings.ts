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
  /** How long a closed socket may take to answer its close before it is cut off. */
  readonly closeMs: number;
  /** Open sockets of one address on this node. */
  readonly maxPerAddress: number;
  /** Proxies of our own before this node; each adds to `X-Forwarded-For`. */
  readonly trustedProxies: number;
  /** How often a node says of a connected device that it is there. Well below what presence holds. */
  readonly beatMs: number;
  /** How often the session of a connected device is told that it was seen. */
  readonly touchMs: number;
  /** How long a user must be there before that is told. */
  readonly onlineAfterMs: number;
  /** After this long a watched user is looked at again, whether or not anything was heard of him. */
  readonly lookAgainMs: number;
  /** How often it is checked what of all this is due. */
  readonly sweepMs: number;
  /** How often the session of every open socket is looked at, whether or not anything was heard of its end. */
  readonly sessionSweepMs: number;
  readonly maxWatched: number;
  /** How long somebody types after he was last said to. */
  readonly typingMs: number;
  /** Within so long it is not told again that he still does. */
  readonly typingRepeatMs: number;
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
  closeMs: 10_000,
  maxPerAddress: 1_000,
  trustedProxies: 0,
  beatMs: 20_000,
  touchMs: 300_000,
  onlineAfterMs: 2_000,
  lookAgainMs: 60_000,
  sweepMs: 500,
  sessionSweepMs: 60_000,
  maxWatched: 500,
  typingMs: 6_000,
  typingRepeatMs: 3_000,
};
