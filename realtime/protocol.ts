import { z } from 'zod';
import type { Conversation, OwnView } from '../schemas/conversation.ts';
import type { Message } from '../schemas/message.ts';
import type { PresenceView } from '../schemas/presence.ts';
import { Uuid, type Problem } from '../schemas/common.ts';
import { EditBody, Emoji, ReceiptBody, SendBody } from '../schemas/message.ts';
import { text } from '../schemas/text.ts';
import type { Role, Settings } from '../domain/conversation/values.ts';

export const path = '/v1/realtime';
export const subprotocol = 'parley.v1';
export const maxFrameBytes = 65_536;
export const heartbeatSeconds = 25;

/** Clients stop after bad, unauthenticated, revoked and too large; after all others they come back, with back-off. */
export const closeCode = {
  goingAway: 1001,
  badFrame: 4400,
  unauthenticated: 4401,
  revoked: 4403,
  silent: 4408,
  replaced: 4409,
  tooLarge: 4413,
  tooManyRequests: 4429,
  tooSlow: 4430,
} as const;
export type CloseCode = (typeof closeCode)[keyof typeof closeCode];

const FrameId = z.union([text({ min: 1, max: 64 }), z.int()]);
export type FrameId = z.infer<typeof FrameId>;

/** The least that a frame must be for its sender to get a reply. */
export const Envelope = z.looseObject({ id: FrameId, type: z.string() });
export type Envelope = z.infer<typeof Envelope>;

export const Hello = z.strictObject({
  id: FrameId,
  type: z.literal('hello'),
  token: z.string(),
  since: z.string().max(64).optional(),
});

const request = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ id: FrameId, type: z.literal(type), ...shape });
const about = { conversationId: Uuid, messageId: Uuid };

/** What clients may ask for once they are ready. The bodies are those of the REST twins. */
export const Request = z.discriminatedUnion('type', [
  request('send', { ...about, ...SendBody.shape }),
  request('edit', { ...about, ...EditBody.shape }),
  request('delete', { ...about, for: z.enum(['everyone', 'me']) }),
  request('react', { ...about, emoji: Emoji }),
  request('unreact', { ...about, emoji: Emoji }),
  request('pin', about),
  request('unpin', about),
  request('receipt', { conversationId: Uuid, ...ReceiptBody.shape }),
  request('typing', { conversationId: Uuid, active: z.boolean() }),
  request('watch', { userIds: z.array(Uuid).min(1).max(500) }),
  /** Without `userIds`: everybody. */
  request('unwatch', { userIds: z.array(Uuid).max(500).optional() }),
  request('away', { away: z.boolean() }),
  request('heartbeat', {}),
]);
export type Request = z.infer<typeof Request>;

type Body<Type extends string, Fields = unknown> = Type extends string
  ? { readonly type: Type } & Readonly<Fields>
  : never;

/** What happened, as pushed. What depends on who looks is null in it. */
export type EventBody =
  /** The device may not see it. */
  | Body<'hidden'>
  | Body<'conversationStarted', { conversation: Conversation }>
  | Body<
      'conversationChanged',
      {
        name?: string | undefined;
        topic?: string | null | undefined;
        avatarMediaId?: string | null | undefined;
        settings?: Settings | undefined;
      }
    >
  | Body<'conversationClosed', { by: string }>
  | Body<'messageSent' | 'messageEdited', { message: Message }>
  | Body<'messageDeleted', { messageId: string; seq: number }>
  | Body<'reactionAdded' | 'reactionRemoved', { messageId: string; userId: string; emoji: string }>
  | Body<'pinned' | 'unpinned', { messageId: string; by: string }>
  | Body<'receipts', { receipts: readonly Receipt[] }>
  /** `conversation` to the added one only. */
  | Body<'memberAdded', { userId: string; role: Role; conversation?: Conversation }>
  | Body<'memberChanged', { userId: string; role: Role }>
  | Body<'memberRemoved', { userId: string; by: string }>;

export interface Receipt {
  readonly userId: string;
  readonly deviceId: string;
  readonly delivered?: number | undefined;
  readonly read?: number | undefined;
}

export type ServerFrame =
  | {
      readonly type: 'ready';
      readonly userId: string;
      readonly deviceId: string;
      readonly position: string;
      readonly heartbeatSeconds: number;
    }
  | { readonly type: 'resync' }
  | { readonly type: 'reply'; readonly id: FrameId; readonly result: Message | null; readonly position?: string }
  | { readonly type: 'reply'; readonly id: FrameId; readonly error: Problem }
  | {
      readonly type: 'event';
      readonly conversationId: string;
      readonly revision: number;
      readonly position: string;
      /** When it happened; not told of what is hidden. */
      readonly at?: string;
      readonly event: EventBody;
    }
  | {
      readonly type: 'me';
      readonly conversationId: string;
      readonly position: string;
      readonly me: OwnView & { readonly unread: number };
      readonly hidden?: readonly string[];
      readonly clearedSeq?: number;
    }
  | { readonly type: 'typing'; readonly conversationId: string; readonly userId: string; readonly active: boolean }
  | ({ readonly type: 'presence' } & PresenceView);
