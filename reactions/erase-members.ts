import type { CommandBus } from '../commands/command-bus.ts';
import { derivedId, parseStream, type UserId } from '../domain/ids.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Reaction } from './reaction.ts';

export interface EraseMembersOptions {
  readonly bus: CommandBus;
  readonly readModels: ReadModels;
}

const name = 'erase-members';
/** Commands on their way at once. */
const atOnce = 50;
const contactPage = 200;

const joined = ({ event }: LoggedEvent): readonly UserId[] => {
  if (event.type === 'MemberAdded') return [event.data.userId];
  return event.type === 'ConversationStarted' ? event.data.members.map(({ userId }) => userId) : [];
};

/**
 * Whoever erases his account leaves every conversation, and his contacts end. He who was being added somewhere at that
 * moment leaves there as well.
 */
export const eraseMembers = ({ bus, readModels }: EraseMembersOptions): Reaction => {
  const leave = async (userId: UserId, conversationId: string): Promise<void> => {
    await bus.conversation(conversationId, {
      commandId: derivedId(name, userId, conversationId),
      actorId: userId,
      command: { type: 'RemoveErasedMember', data: { userId } },
    });
  };

  const part = async (userId: UserId, other: UserId): Promise<void> => {
    await bus.contact(userId, other, {
      commandId: derivedId(name, userId, other),
      actorId: userId,
      command: { type: 'RemoveContact', data: { other } },
    });
  };

  const leaveAll = async (userId: UserId): Promise<void> => {
    const memberships = await readModels.feed.memberships(userId);
    for (let from = 0; from < memberships.length; from += atOnce) {
      const some = memberships.slice(from, from + atOnce);
      await Promise.all(some.map(({ member }) => leave(userId, member.conversationId)));
    }
  };

  const partFromAll = async (userId: UserId): Promise<void> => {
    let after: string | undefined;
    do {
      const page = await readModels.contacts.contacts(userId, after, contactPage);
      await Promise.all(page.map(({ otherId }) => part(userId, otherId)));
      after = page.length < contactPage ? undefined : page.at(-1)?.otherId;
    } while (after !== undefined);
  };

  const erasedAmong = async (userIds: readonly UserId[]): Promise<readonly UserId[]> => {
    const alive = new Set((await readModels.profiles.users(userIds)).map(({ userId }) => userId));
    const unknown = userIds.filter((userId) => !alive.has(userId));
    const states = await Promise.all(unknown.map((userId) => bus.userState(userId)));
    return unknown.filter((_, index) => states[index]?.status === 'erased');
  };

  return {
    name,
    concerns: (logged) => logged.event.type === 'UserErased' || joined(logged).length > 0,
    async react(logged) {
      const { stream, position, event } = logged;
      if (event.type !== 'UserErased') {
        await readModels.waitFor(['profiles'], position);
        for (const userId of await erasedAmong(joined(logged))) await leave(userId, parseStream(stream).id);
        return;
      }
      const userId = parseStream(stream).id;
      await readModels.waitFor(['feed', 'contacts'], position);
      await leaveAll(userId);
      await partFromAll(userId);
    },
  };
};
