import { randomUUID } from 'node:crypto';
import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationCommand } from '../domain/conversation/commands.ts';
import type { ConversationId } from '../domain/ids.ts';
import type { Caller, Written } from './caller.ts';

/** Sends commands whose answer has no body; `created` tells whether this one changed anything. */
export const conversationWriter =
  (bus: CommandBus) =>
  async ({ userId }: Caller, conversationId: ConversationId, command: ConversationCommand): Promise<Written<null>> => {
    const envelope = { commandId: randomUUID(), actorId: userId, command };
    const { events, position } = await bus.conversation(conversationId, envelope);
    return { result: null, created: events.length > 0, position };
  };
