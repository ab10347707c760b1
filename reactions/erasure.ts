import type { CommandBus } from '../commands/command-bus.ts';
import { derivedId, parseStream } from '../domain/ids.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Reaction } from './reaction.ts';

export interface ErasureOptions {
  readonly bus: Pick<CommandBus, 'conversation'>;
  readonly readModels: Pick<ReadModels, 'waitFor' | 'feed'>;
  readonly credentials: Pick<CredentialStore, 'removeUser'>;
}

/** An account that is erased leaves its conversations, and nothing stays that could sign in to it. */
export const erasure = ({ bus, readModels, credentials }: ErasureOptions): Reaction => ({
  name: 'erasure',
  isConcerned: ({ event }) => event.type === 'UserErased',
  async react({ stream, position }) {
    const userId = parseStream(stream).id;
    await credentials.removeUser(userId);
    await readModels.waitFor(['feed'], position);
    for (const { member } of await readModels.feed.memberships(userId)) {
      await bus.conversation(member.conversationId, {
        commandId: derivedId(userId, member.conversationId, 'RemoveErasedMember'),
        actorId: userId,
        command: { type: 'RemoveErasedMember', data: { userId } },
      });
    }
  },
});
