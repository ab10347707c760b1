import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { ConversationId, MessageId } from '../domain/ids.ts';
import type { HistoryAnchor, MessagePage, ReadModels } from '../projections/queries.ts';
import type { EventStore } from '../ports/event-store.ts';
import { Timestamp, Uuid, type Page } from '../schemas/common.ts';
import type { History, Message, MessageReceipt, MessageVersion } from '../schemas/message.ts';
import type { Caller } from './caller.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { versionsOf } from './history-versions.ts';
import { messageViews, readingShownTo } from './message-state.ts';
import { messageAccess, visibleMessage, type ReadAccess } from './visibility.ts';

export interface Paging {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Reads of messages. Each is refused to whoever is no member, and shows only what this member can see. */
export interface HistoryService {
  history(caller: Caller, conversationId: ConversationId, anchor: HistoryAnchor, limit: number): Promise<History>;
  thread(
    caller: Caller,
    conversationId: ConversationId,
    rootId: MessageId,
    anchor: HistoryAnchor,
    limit: number,
  ): Promise<History>;
  pins(caller: Caller, conversationId: ConversationId, paging: Paging): Promise<Page<Message>>;
  message(caller: Caller, conversationId: ConversationId, messageId: MessageId): Promise<Message>;
  /** Oldest first; the last is the present one. None of a deleted message. */
  versions(
    caller: Caller,
    conversationId: ConversationId,
    messageId: MessageId,
    paging: Paging,
  ): Promise<Page<MessageVersion>>;
  /** How far the devices of others have got with a message; for its sender only. */
  receipts(
    caller: Caller,
    conversationId: ConversationId,
    messageId: MessageId,
    paging: Paging,
  ): Promise<Page<MessageReceipt>>;
}

const PinPlace = z.tuple([Timestamp, Uuid]);
const VersionPlace = z.tuple([z.int().positive()]);
const ReceiptPlace = z.tuple([Uuid, Uuid]);

export const createHistoryService = ({
  reads,
  events,
}: {
  readonly reads: ReadModels;
  readonly events: EventStore;
}): HistoryService => {
  const { feed, timeline, profiles } = reads;
  const view = async ({ conversation, member }: ReadAccess, page: MessagePage): Promise<History> => ({
    items: await messageViews(reads, conversation, member.userId, page.items),
    hasBefore: page.hasBefore,
    hasAfter: page.hasAfter,
  });

  return {
    async history({ userId }, conversationId, anchor, limit) {
      const access = await messageAccess(reads, userId, conversationId);
      return view(access, await timeline.history(access.visible, anchor, limit));
    },

    async thread({ userId }, conversationId, rootId, anchor, limit) {
      const access = await messageAccess(reads, userId, conversationId);
      await visibleMessage(reads, access, rootId);
      return view(access, await timeline.thread(access.visible, rootId, anchor, limit));
    },

    async pins({ userId }, conversationId, { cursor, limit }) {
      const before = decodeCursor(PinPlace, cursor);
      const { conversation, visible } = await messageAccess(reads, userId, conversationId);
      const found = await timeline.pins(visible, before, limit + 1);
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      return {
        items: await messageViews(reads, conversation, userId, items),
        next: last === undefined ? null : encodeCursor([last.pinnedAt, last.messageId]),
      };
    },

    async message({ userId }, conversationId, messageId) {
      const access = await messageAccess(reads, userId, conversationId);
      const message = await visibleMessage(reads, access, messageId);
      const [view] = await messageViews(reads, access.conversation, userId, [message]);
      return view!;
    },

    async versions({ userId }, conversationId, messageId, { cursor, limit }) {
      const [start] = decodeCursor(VersionPlace, cursor) ?? [0];
      const access = await messageAccess(reads, userId, conversationId);
      const message = await visibleMessage(reads, access, messageId);
      const end = start + limit;
      const versions = await versionsOf(events, message, end);
      const isLast = message.deletedAt !== null || end > message.editRevisions.length;
      return { items: versions.slice(start), next: isLast ? null : encodeCursor([end]) };
    },

    async receipts({ userId }, conversationId, messageId, { cursor, limit }) {
      const after = decodeCursor(ReceiptPlace, cursor);
      const access = await messageAccess(reads, userId, conversationId);
      const message = await visibleMessage(reads, access, messageId);
      if (message.senderId !== userId) throw new DomainError('auth/forbidden');
      const found = await feed.receiptsOf(conversationId, message.seq, after, limit + 1);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const others = page.filter((receipt) => receipt.userId !== userId && receipt.deliveredAt !== null);
      const isReadingShown = await readingShownTo(
        profiles,
        userId,
        others.map((receipt) => receipt.userId),
      );
      return {
        items: others.map(({ deviceId, deliveredAt, readAt, ...receipt }) => ({
          userId: receipt.userId,
          deviceId,
          deliveredAt,
          readAt: isReadingShown(receipt.userId) ? readAt : null,
        })),
        next: last === undefined ? null : encodeCursor([last.userId, last.deviceId]),
      };
    },
  };
};
