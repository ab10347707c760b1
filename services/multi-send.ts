import { randomUUID } from 'node:crypto';
import { RecallNeeded } from '../domain/decider.ts';
import { conversation } from '../domain/conversation/decider.ts';
import type { ConversationState } from '../domain/conversation/state.ts';
import { DomainError } from '../domain/errors.ts';
import {
  derivedId,
  derivedTimedId,
  directConversationId,
  uuidV7Time,
  type ConversationId,
  type MessageId,
} from '../domain/ids.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { Message, SendBody } from '../schemas/message.ts';
import type { Destination } from '../schemas/multi-send.ts';
import type { Caller, Written } from './caller.ts';
import { mayStartDirect } from './conversations-rules.ts';
import { asContent, mustBeSendable, prepared, send, type SendOptions } from './messages-send.ts';

export type Delivery =
  | { readonly destination: Destination; readonly message: Message }
  | { readonly destination: Destination; readonly refusal: DomainError };

/** One content for many destinations. */
export interface MultiSendService {
  /** Each destination is accepted or refused on its own, in the order given; the position covers all that were accepted. */
  sendToAll(
    caller: Caller,
    messageId: MessageId,
    destinations: readonly Destination[],
    body: SendBody,
  ): Promise<Written<{ readonly deliveries: readonly Delivery[] }>>;
}

/** The message's id in one of the conversations: the same for every repeat, another one in each, as fresh as its own. */
export const messageIdIn = (messageId: MessageId, conversationId: ConversationId): MessageId => {
  const time = uuidV7Time(messageId);
  const parts = ['multi-send', messageId, conversationId];
  return time === undefined ? derivedId(...parts) : derivedTimedId(time, ...parts);
};

export const createMultiSendService = (options: SendOptions & { readonly clock: Clock }): MultiSendService => {
  const { bus, clock } = options;

  /** Refuses what the new direct conversation would refuse, before there is one. */
  const mustBeAccepted = async (
    caller: Caller,
    conversationId: ConversationId,
    userId: string,
    messageId: MessageId,
    body: SendBody,
  ): Promise<void> => {
    const context = { actorId: caller.userId, at: timestamp(clock) };
    const start = { type: 'StartDirect', data: { conversationId, userId } } as const;
    const state = conversation
      .decide(start, conversation.initialState, context)
      .reduce<ConversationState>(conversation.evolve, conversation.initialState);
    const copied = await prepared(options, caller, state, body);
    const command = { type: 'SendMessage', data: { messageId, content: asContent(body), copied } } as const;
    try {
      conversation.decide(command, state, context);
    } catch (error) {
      if (!(error instanceof RecallNeeded)) throw error;
      const absent = error.keys.map((key) => ({ status: 'absent' as const, messageId: key }));
      conversation.decide(command, conversation.recall?.(state, absent) ?? state, context);
    }
  };

  const reach = async (
    caller: Caller,
    destination: Destination,
    messageId: MessageId,
    body: SendBody,
  ): Promise<ConversationId> => {
    if ('conversationId' in destination) return destination.conversationId;
    const conversationId = directConversationId(caller.userId, destination.userId);
    const { status } = await bus.conversationState(conversationId);
    if (status !== 'absent' && caller.userId !== destination.userId) return conversationId;
    await mayStartDirect(bus, caller.userId, destination.userId);
    await mustBeAccepted(caller, conversationId, destination.userId, messageIdIn(messageId, conversationId), body);
    await bus.conversation(conversationId, {
      commandId: randomUUID(),
      actorId: caller.userId,
      command: { type: 'StartDirect', data: { conversationId, userId: destination.userId } },
    });
    return conversationId;
  };

  const deliver = async (
    caller: Caller,
    destination: Destination,
    messageId: MessageId,
    body: SendBody,
  ): Promise<Delivery & { readonly position: Position; readonly created: boolean }> => {
    try {
      const conversationId = await reach(caller, destination, messageId, body);
      const id = messageIdIn(messageId, conversationId);
      const { result, position, created } = await send(options, caller, conversationId, id, body);
      return { destination, message: result, position, created };
    } catch (error) {
      if (error instanceof DomainError) return { destination, refusal: error, position: beforeLog, created: false };
      throw error;
    }
  };

  return {
    async sendToAll(caller, messageId, destinations, body) {
      mustBeSendable(asContent(body));
      const delivered = await Promise.all(
        destinations.map((destination) => deliver(caller, destination, messageId, body)),
      );
      return {
        result: {
          deliveries: delivered.map((delivery) =>
            'message' in delivery
              ? { destination: delivery.destination, message: delivery.message }
              : { destination: delivery.destination, refusal: delivery.refusal },
          ),
        },
        created: delivered.some(({ created }) => created),
        position: delivered.reduce((last, { position }) => (position > last ? position : last), beforeLog),
      };
    },
  };
};
