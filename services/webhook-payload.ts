import { isTold, webhookEvents, type ToldEvent } from '../domain/webhook-events.ts';
import type { Message } from '../schemas/message.ts';

/** What the receiver gets. `message` is as the bot sees it at the moment of delivery. */
export interface WebhookPayload {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Of the message that the event is about. */
export const messageIdOf = ({ data }: ToldEvent): string | undefined =>
  'messageId' in data ? data.messageId : undefined;

/** Nothing that a person wrote is in it but the message itself, which the bot may see. */
const detailsOf = (event: ToldEvent, message: Message | undefined): Readonly<Record<string, unknown>> => {
  switch (event.type) {
    case 'MessageSent':
    case 'MessageEdited':
      return { message };
    case 'MessageDeleted':
      return { messageId: event.data.messageId, seq: event.data.seq, by: event.data.by };
    case 'ReactionAdded':
    case 'ReactionRemoved':
      return { messageId: event.data.messageId, userId: event.data.userId, emoji: event.data.emoji };
    case 'MessagePinned':
    case 'MessageUnpinned':
      return { messageId: event.data.messageId, by: event.data.by };
    case 'MemberAdded':
    case 'MemberRoleChanged':
      return { userId: event.data.userId, role: event.data.role, by: event.data.by };
    case 'MemberRemoved':
      return { userId: event.data.userId, by: event.data.by };
    case 'ConversationStarted':
      return { by: event.data.startedBy };
    default:
      return { by: event.data.by };
  }
};

export const payloadOf = (
  event: ToldEvent,
  { conversationId, revision }: { readonly conversationId: string; readonly revision: number },
  message: Message | undefined,
): WebhookPayload => ({
  type: webhookEvents[event.type],
  timestamp: event.data.at,
  data: { conversationId, revision, ...detailsOf(event, message) },
});

export const toldEvent = (event: { readonly type: string }): ToldEvent | undefined =>
  isTold(event) ? event : undefined;
