import type { CommandBus } from '../commands/command-bus.ts';
import { derivedId, parseStream } from '../domain/ids.ts';
import type { Reaction } from './reaction.ts';

const name = 'cancel-scheduled';

/** Whoever leaves a conversation, or erases his account, sends nothing more of what he had scheduled until then. */
export const cancelScheduled = ({ bus }: { readonly bus: CommandBus }): Reaction => ({
  name,
  concerns: ({ event }) => event.type === 'MemberRemoved' || event.type === 'UserErased',
  async react({ event, stream, revision }) {
    if (event.type !== 'MemberRemoved' && event.type !== 'UserErased') return;
    const { id } = parseStream(stream);
    const userId = event.type === 'UserErased' ? id : event.data.userId;
    const until = event.data.at;
    await bus.scheduled(userId, {
      commandId: derivedId(name, stream, String(revision)),
      actorId: userId,
      command: {
        type: 'CancelScheduledSends',
        data: event.type === 'UserErased' ? { until, reason: 'erased' } : { conversationId: id, until, reason: 'left' },
      },
    });
  },
});
