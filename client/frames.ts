import type { EventBody, ServerFrame } from '../realtime/protocol.ts';

/** What is told and forgotten: no position, never replayed. */
export type EphemeralFrame =
  | { readonly type: 'typing'; readonly conversationId: string; readonly userId: string; readonly active: boolean }
  | {
      readonly type: 'presence';
      readonly userId: string;
      readonly state: 'online' | 'away' | 'offline';
      readonly lastSeenAt?: string | null | undefined;
    };

export type Frame = ServerFrame | EphemeralFrame;
export type ReadyFrame = Extract<ServerFrame, { type: 'ready' }>;
export type ReplyFrame = Extract<ServerFrame, { type: 'reply' }>;
export type MeFrame = Extract<ServerFrame, { type: 'me' }>;
export type EventFrame = Extract<ServerFrame, { type: 'event' }>;
export type EventOf<Type extends EventBody['type']> = Extract<EventBody, { readonly type: Type }>;

/** Largest frame that the server reads. */
export const maxFrameBytes = 65_536;
