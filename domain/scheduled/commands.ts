import type { SendContent } from '../conversation/commands.ts';
import type { RefusalCode } from '../errors.ts';
import type { ConversationId, MessageId, Timestamp, UserId } from '../ids.ts';

type Command<Type extends string, Data> = { readonly type: Type; readonly data: Readonly<Data> };
interface About {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}

/** Whether the conversation would take the message is the caller's business, now and when it is sent. */
export type ScheduledCommand =
  /** With other content or time it replaces what was scheduled under this id. */
  | Command<'ScheduleSend', About & { userId: UserId; sendAt: Timestamp; content: SendContent }>
  | Command<'CancelScheduledSend', About>
  /** Those scheduled until then, in one conversation or in all. Asked by the system; so are the next two. */
  | Command<
      'CancelScheduledSends',
      { conversationId?: ConversationId | undefined; until: Timestamp; reason: 'left' | 'erased' }
    >
  /** From then on it can neither be changed nor cancelled. */
  | Command<'BeginScheduledSend', About & { digest: string }>
  | Command<'SettleScheduledSend', About & { failure: RefusalCode | null }>;
export type ScheduledCommandData<Type extends ScheduledCommand['type']> = Extract<
  ScheduledCommand,
  { type: Type }
>['data'];
