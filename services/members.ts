import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationCommand } from '../domain/conversation/commands.ts';
import type { Role } from '../domain/conversation/values.ts';
import { DomainError } from '../domain/errors.ts';
import { Timestamp, Uuid, type ConversationId, type UserId } from '../domain/ids.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { Member } from '../schemas/conversation.ts';
import type { Caller, Written } from './caller.ts';
import { mustBeAddable } from './conversations-rules.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Paging } from './history.ts';
import { readingShownTo } from './message-state.ts';
import { memberView } from './views.ts';
import { readAccess } from './visibility.ts';

export interface MemberService {
  /** In order of joining. */
  members(caller: Caller, conversationId: ConversationId, paging: Paging): Promise<Page<Member>>;
  /** Adds somebody, joins a channel, or changes a role. */
  put(caller: Caller, conversationId: ConversationId, userId: UserId, role: Role | undefined): Promise<Written<Member>>;
  /** Removes somebody, or leaves. */
  remove(caller: Caller, conversationId: ConversationId, userId: UserId): Promise<Written<null>>;
}

const MemberPlace = z.tuple([Timestamp, Uuid]);

export const createMemberService = ({
  bus,
  reads,
}: {
  readonly bus: CommandBus;
  readonly reads: ReadModels;
}): MemberService => {
  const { feed, profiles } = reads;

  const write = ({ userId }: Caller, conversationId: ConversationId, command: ConversationCommand) =>
    bus.conversation(conversationId, { commandId: randomUUID(), actorId: userId, command });

  /** To whoever is no member himself the conversation is refused first; and who is in it needs no consent any more. */
  const mayAdd = async (caller: Caller, conversationId: ConversationId, userId: UserId): Promise<void> => {
    const state = await bus.conversationState(conversationId);
    if (state.status === 'absent' || !state.members.has(caller.userId) || state.members.has(userId)) return;
    await mustBeAddable({ bus, profiles }, caller.userId, [userId]);
  };

  return {
    async members({ userId }, conversationId, { cursor, limit }) {
      const after = decodeCursor(MemberPlace, cursor);
      await readAccess(feed, userId, conversationId);
      const found = await feed.members(conversationId, after, limit + 1);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const isReadingShown = await readingShownTo(
        profiles,
        userId,
        page.map((member) => member.userId),
      );
      return {
        items: page.map((member) => memberView(member, isReadingShown(member.userId))),
        next: last === undefined ? null : encodeCursor([last.joinedAt, last.userId]),
      };
    },

    async put(caller, conversationId, userId, role) {
      await mayAdd(caller, conversationId, userId);
      const { events, position } = await write(caller, conversationId, { type: 'PutMember', data: { userId, role } });
      await reads.waitFor(['feed'], position);
      const member = await feed.member(conversationId, userId);
      if (member === undefined) throw new DomainError('conversation/not-found');
      const isReadingShown = await readingShownTo(profiles, caller.userId, [userId]);
      const created = events.some(({ type }) => type === 'MemberAdded');
      return { result: memberView(member, isReadingShown(userId)), created, position };
    },

    async remove(caller, conversationId, userId) {
      const { events, position } = await write(caller, conversationId, { type: 'RemoveMember', data: { userId } });
      return { result: null, created: events.length > 0, position };
    },
  };
};
