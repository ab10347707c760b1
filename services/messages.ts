import { mustFit } from '../domain/conversation/content.ts';
import type { ConversationId } from '../domain/ids.ts';
import type { Caller } from './caller.ts';
import { conversationWriter } from './conversation-write.ts';
import { mayAddressPartner } from './conversations-rules.ts';
import type { MessageService } from './message-service.ts';
import { asContent, send, writtenMessage, type SendOptions } from './messages-send.ts';
import { createReceiptRecorder } from './receipts.ts';

export interface MessageOptions extends SendOptions {
  /** How long receipts of a large conversation wait for each other; default: 1 s. */
  readonly gatherReceiptsMs?: number | undefined;
}

/** The writes about messages. Each is durable once it resolves. */
export const createMessageService = (options: MessageOptions): MessageService => {
  const { bus, reads } = options;

  const write = conversationWriter(bus);

  const mayAddress = async ({ userId }: Caller, conversationId: ConversationId): Promise<void> =>
    mayAddressPartner(bus, await bus.conversationState(conversationId), userId);

  return {
    send: (caller, conversationId, messageId, body, turn) =>
      send(options, caller, conversationId, messageId, body, turn),

    async edit(caller, conversationId, messageId, body) {
      mustFit(asContent(body));
      await mayAddress(caller, conversationId);
      const written = await write(caller, conversationId, {
        type: 'EditMessage',
        data: { messageId, content: asContent(body) },
      });
      const result = await writtenMessage(reads, caller, conversationId, messageId, written.position);
      return { ...written, result };
    },

    async remove(caller, conversationId, messageId, forWhom) {
      const type = forWhom === 'me' ? 'HideMessage' : 'DeleteMessage';
      return write(caller, conversationId, { type, data: { messageId } });
    },

    async react(caller, conversationId, messageId, emoji) {
      await mayAddress(caller, conversationId);
      return write(caller, conversationId, { type: 'AddReaction', data: { messageId, emoji } });
    },

    unreact: (caller, conversationId, messageId, emoji) =>
      write(caller, conversationId, { type: 'RemoveReaction', data: { messageId, emoji } }),

    pin: (caller, conversationId, messageId) =>
      write(caller, conversationId, { type: 'PinMessage', data: { messageId } }),

    unpin: (caller, conversationId, messageId) =>
      write(caller, conversationId, { type: 'UnpinMessage', data: { messageId } }),

    receipt: createReceiptRecorder({ bus, feed: reads.feed, gatherMs: options.gatherReceiptsMs }),
  };
};
