import type { Conversation, OwnView } from '../../../schemas/conversation.ts';
import type { Problem } from '../../../schemas/common.ts';
import type { Message } from '../../../schemas/message.ts';
import type { Role } from '../../../domain/conversation/values.ts';

/** What happens in a conversation, as it is pushed. */
export type PushedEvent =
  | { readonly type: 'conversationStarted'; readonly conversation: Conversation }
  | ({ readonly type: 'conversationChanged' } & Partial<
      Pick<Conversation, 'name' | 'topic' | 'avatarMediaId' | 'settings'>
    >)
  | { readonly type: 'conversationClosed'; readonly by: string }
  | { readonly type: 'messageSent' | 'messageEdited'; readonly message: Message }
  | { readonly type: 'messageDeleted'; readonly messageId: string; readonly seq: number }
  | {
      readonly type: 'reactionAdded' | 'reactionRemoved';
      readonly messageId: string;
      readonly userId: string;
      readonly emoji: string;
    }
  | { readonly type: 'pinned' | 'unpinned'; readonly messageId: string; readonly by: string }
  | {
      readonly type: 'receipts';
      readonly receipts: readonly {
        readonly userId: string;
        readonly deviceId: string;
        readonly delivered?: number;
        readonly read?: number;
      }[];
    }
  | {
      readonly type: 'memberAdded';
      readonly userId: string;
      readonly role: Role;
      /** Only to the one who was added. */
      readonly conversation?: Conversation;
    }
  | { readonly type: 'memberChanged'; readonly userId: string; readonly role: Role }
  | { readonly type: 'memberRemoved'; readonly userId: string; readonly by: string }
  | { readonly type: 'hidden' };

export interface EventFrame {
  readonly type: 'event';
  readonly conversationId: string;
  readonly revision: number;
  readonly position: string;
  readonly event: PushedEvent;
}

export interface MeFrame {
  readonly type: 'me';
  readonly conversationId: string;
  readonly position: string;
  readonly me: OwnView & { readonly unread: number };
  readonly hidden?: readonly string[];
  readonly clearedSeq?: number;
}

export interface ReadyFrame {
  readonly type: 'ready';
  readonly userId: string;
  readonly deviceId: string;
  readonly position: string;
  readonly heartbeatSeconds: number;
}

export type Frame =
  | EventFrame
  | MeFrame
  | ReadyFrame
  | { readonly type: 'resync' }
  | { readonly type: 'typing' | 'presence' }
  | {
      readonly type: 'reply';
      readonly id: unknown;
      readonly result?: unknown;
      readonly error?: Problem;
      readonly position?: string;
    };
