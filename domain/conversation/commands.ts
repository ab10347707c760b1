import type { ConversationId, DeviceId, MessageId, Timestamp, UserId } from '../ids.ts';
import type { Attachment, Custom, ForwardedFrom, Kind, Mention, MutedUntil, Role, Settings } from './values.ts';

/** What a client writes into a message. Absent and null mean the same: nothing. */
export interface MessageContent {
  readonly text?: string | null | undefined;
  readonly attachments?: readonly Attachment[] | null | undefined;
  readonly mentions?: readonly Mention[] | null | undefined;
  readonly custom?: Custom | null | undefined;
}

export interface SendContent extends MessageContent {
  readonly replyTo?: MessageId | undefined;
  readonly thread?: MessageId | undefined;
  readonly forwardedFrom?: ForwardedFrom | undefined;
  /** How long after it was sent the message disappears. */
  readonly expiresInSeconds?: number | undefined;
}

type Command<Type extends string, Data> = { readonly type: Type; readonly data: Readonly<Data> };

/** The actor is in the context; `userId` names whom the command is about. */
export type ConversationCommand =
  | Command<
      'StartConversation',
      {
        conversationId: ConversationId;
        kind: Exclude<Kind, 'direct'>;
        name: string;
        topic: string | null;
        memberIds: readonly UserId[];
        settings: Partial<Settings>;
      }
    >
  | Command<'StartDirect', { conversationId: ConversationId; userId: UserId }>
  | Command<
      'ChangeConversation',
      {
        name?: string | undefined;
        topic?: string | null | undefined;
        avatarMediaId?: string | null | undefined;
        settings?: Partial<Settings> | undefined;
      }
    >
  | Command<'CloseConversation', Record<string, never>>
  /** Adds a member or changes a role; on oneself in a channel: joins. */
  | Command<'PutMember', { userId: UserId; role?: Role | undefined }>
  | Command<'RemoveMember', { userId: UserId }>
  /** The account was erased: the member leaves, and what only he owned passes on. Asked by the system. */
  | Command<'RemoveErasedMember', { userId: UserId }>
  | Command<'CreateInvite', { inviteId: string; expiresAt: Timestamp; maxUses: number | null }>
  | Command<'WithdrawInvite', { inviteId: string }>
  | Command<'AcceptInvite', { inviteId: string }>
  | Command<
      'SendMessage',
      {
        messageId: MessageId;
        content: SendContent;
        /** Content of the forwarded message, when the client sent none of its own. */
        copied?: MessageContent | undefined;
      }
    >
  | Command<'EditMessage', { messageId: MessageId; content: MessageContent }>
  | Command<'DeleteMessage', { messageId: MessageId }>
  /** Deletes it for everyone if its time is over. Asked by the system. */
  | Command<'ExpireMessage', { messageId: MessageId }>
  | Command<'HideMessage', { messageId: MessageId }>
  | Command<'AddReaction', { messageId: MessageId; emoji: string }>
  | Command<'RemoveReaction', { messageId: MessageId; emoji: string }>
  | Command<'PinMessage', { messageId: MessageId }>
  | Command<'UnpinMessage', { messageId: MessageId }>
  | Command<'RecordReceipt', { deviceId: DeviceId; delivered?: number | undefined; read?: number | undefined }>
  | Command<
      'ChangeOwnView',
      {
        mutedUntil?: MutedUntil | undefined;
        pinned?: boolean | undefined;
        archived?: boolean | undefined;
        unreadFrom?: number | undefined;
      }
    >
  | Command<'ClearHistory', Record<string, never>>;
export type CommandData<Type extends ConversationCommand['type']> = Extract<
  ConversationCommand,
  { type: Type }
>['data'];
