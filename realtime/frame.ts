import type { Position } from '../ports/event-store.ts';
import { encodePosition } from '../services/position-token.ts';
import type { EventBody, ServerFrame } from './protocol.ts';

/** A pushed frame, serialised once however many sockets get it. */
export interface Frame {
  readonly position: Position;
  readonly conversationId: string;
  /** Of the event; null in a `me` frame. */
  readonly revision: number | null;
  /** The last of this conversation until its viewer is added again. */
  readonly leaves: boolean;
  readonly data: Buffer;
}

export interface Viewer {
  readonly userId: string;
  /** `forMany`: so many get it that it may go out a moment later. */
  receive(frame: Frame, forMany?: boolean): void;
  /** Something of the moment, which has no place among the frames; dropped where it would have to wait. */
  tell(data: Buffer): void;
  /** What was received is not whole, and cannot be made whole here. */
  fail(reason: string): void;
}

export const serialise = (frame: ServerFrame): Buffer => Buffer.from(JSON.stringify(frame));

export interface EventPlace {
  readonly conversationId: string;
  readonly revision: number;
  readonly position: Position;
}

/** `at`: when it happened, for whoever may know what. */
export const eventFrame = (
  { conversationId, revision, position }: EventPlace,
  event: EventBody,
  { leaves = false, at }: { readonly leaves?: boolean; readonly at?: string } = {},
): Frame => ({
  position,
  conversationId,
  revision,
  leaves,
  data: serialise({
    type: 'event',
    conversationId,
    revision,
    position: encodePosition(position),
    ...(at !== undefined && { at }),
    event,
  }),
});

export const meFrame = (
  position: Position,
  frame: Omit<Extract<ServerFrame, { type: 'me' }>, 'type' | 'position'>,
): Frame => ({
  position,
  conversationId: frame.conversationId,
  revision: null,
  leaves: false,
  data: serialise({ type: 'me', position: encodePosition(position), ...frame }),
});
