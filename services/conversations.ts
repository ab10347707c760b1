import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationCommand } from '../domain/conversation/commands.ts';
import type { Settings } from '../domain/conversation/values.ts';
import { directConversationId, Uuid, type ConversationId, type UserId } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';
import { foldedKey } from '../projections/folding.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { Conversation, ConversationPatch, NewConversation, OwnViewPatch } from '../schemas/conversation.ts';
import type { Caller, Written } from './caller.ts';
import { conversationWriter } from './conversation-write.ts';
import { mayStartDirect, mustBeAddable } from './conversations-rules.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Paging } from './history.ts';
import { conversationView } from './views.ts';
import { glimpse } from './visibility.ts';

export interface ConversationService {
  start(caller: Caller, body: NewConversation): Promise<Written<Conversation>>;
  /** The one conversation of the two, made when it is not there yet. */
  direct(caller: Caller, userId: UserId): Promise<Written<Conversation>>;
  /** Also a channel that the caller is not in; its `me` is null then. */
  conversation(caller: Caller, conversationId: ConversationId): Promise<Conversation>;
  change(caller: Caller, conversationId: ConversationId, patch: ConversationPatch): Promise<Written<Conversation>>;
  close(caller: Caller, conversationId: ConversationId): Promise<Written<null>>;
  changeOwnView(caller: Caller, conversationId: ConversationId, patch: OwnViewPatch): Promise<Written<null>>;
  /** For the caller only, up to now. */
  clearHistory(caller: Caller, conversationId: ConversationId): Promise<Written<null>>;
  /** Open channels whose name begins with `prefix`, whoever is in them. */
  channels(caller: Caller, prefix: string, paging: Paging): Promise<Page<Conversation>>;
}

export interface ConversationServiceOptions {
  readonly bus: CommandBus;
  readonly reads: ReadModels;
}

/** JSON never holds undefined: what a client did not give is absent. */
const given = (settings: NewConversation['settings']): Partial<Settings> => settings as Partial<Settings>;

const ChannelPlace = z.tuple([z.string(), Uuid]);

/** The conversation as the writer sees it, once the read model has passed what he wrote. */
export const writtenConversation = async (
  reads: ReadModels,
  { userId }: Caller,
  conversationId: ConversationId,
  position: Position,
): Promise<Conversation> => {
  await reads.waitFor(['feed'], position);
  const { conversation, member } = await glimpse(reads.feed, userId, conversationId);
  return conversationView(conversation, member);
};

export const createConversationService = ({ bus, reads }: ConversationServiceOptions): ConversationService => {
  const { feed, profiles } = reads;

  const write = conversationWriter(bus);

  const writeAndShow = async (
    caller: Caller,
    conversationId: ConversationId,
    command: ConversationCommand,
  ): Promise<Written<Conversation>> => {
    const written = await write(caller, conversationId, command);
    return { ...written, result: await writtenConversation(reads, caller, conversationId, written.position) };
  };

  return {
    async start(caller, { conversationId = randomUUID(), kind, name, topic = null, memberIds = [], settings = {} }) {
      const { status } = await bus.conversationState(conversationId);
      if (status === 'absent') await mustBeAddable({ bus, profiles }, caller.userId, memberIds);
      const data = { conversationId, kind, name, topic, memberIds, settings: given(settings) };
      return writeAndShow(caller, conversationId, { type: 'StartConversation', data });
    },

    async direct(caller, userId) {
      const conversationId = directConversationId(caller.userId, userId);
      const { status } = await bus.conversationState(conversationId);
      if (status === 'absent' || caller.userId === userId) await mayStartDirect(bus, caller.userId, userId);
      return writeAndShow(caller, conversationId, { type: 'StartDirect', data: { conversationId, userId } });
    },

    async conversation({ userId }, conversationId) {
      const { conversation, member } = await glimpse(feed, userId, conversationId);
      return conversationView(conversation, member);
    },

    change: (caller, conversationId, patch) =>
      writeAndShow(caller, conversationId, {
        type: 'ChangeConversation',
        data: { ...patch, settings: patch.settings && given(patch.settings) },
      }),

    close: (caller, conversationId) => write(caller, conversationId, { type: 'CloseConversation', data: {} }),

    changeOwnView: (caller, conversationId, patch) =>
      write(caller, conversationId, { type: 'ChangeOwnView', data: patch }),

    clearHistory: (caller, conversationId) => write(caller, conversationId, { type: 'ClearHistory', data: {} }),

    async channels({ userId }, prefix, { cursor, limit }) {
      const after = decodeCursor(ChannelPlace, cursor);
      const found = await feed.channels(foldedKey(prefix), after, limit + 1);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const items = await Promise.all(
        page.map(async (channel) =>
          conversationView(channel, (await feed.member(channel.conversationId, userId)) ?? null),
        ),
      );
      return { items, next: last === undefined ? null : encodeCursor([last.channelKey, last.conversationId]) };
    },
  };
};
