import type { ConversationId, MessageId } from '../domain/ids.ts';
import type { EditBody, Message, ReceiptBody, SendBody } from '../schemas/message.ts';
import type { Caller, Written } from './caller.ts';

/** The place of a send among others that were begun together: it is decided after those before it. */
export interface Turn {
  /** Resolves when those before are on their way. */
  readonly mine: Promise<unknown>;
  /** Lets the next one go. */
  readonly pass: () => void;
}

/** Writes about messages, the same by REST and by socket. Refusals are thrown as `DomainError`. */
export interface MessageService {
  send(
    caller: Caller,
    conversationId: ConversationId,
    messageId: MessageId,
    body: SendBody,
    turn?: Turn,
  ): Promise<Written<Message>>;
  edit(caller: Caller, conversationId: ConversationId, messageId: MessageId, body: EditBody): Promise<Written<Message>>;
  remove(
    caller: Caller,
    conversationId: ConversationId,
    messageId: MessageId,
    forWhom: 'everyone' | 'me',
  ): Promise<Written<null>>;
  react(caller: Caller, conversationId: ConversationId, messageId: MessageId, emoji: string): Promise<Written<null>>;
  unreact(caller: Caller, conversationId: ConversationId, messageId: MessageId, emoji: string): Promise<Written<null>>;
  pin(caller: Caller, conversationId: ConversationId, messageId: MessageId): Promise<Written<null>>;
  unpin(caller: Caller, conversationId: ConversationId, messageId: MessageId): Promise<Written<null>>;
  receipt(caller: Caller, conversationId: ConversationId, body: ReceiptBody): Promise<Written<null>>;
}
