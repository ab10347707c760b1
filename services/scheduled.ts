import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { conversation } from '../domain/conversation/decider.ts';
import { distinct } from '../domain/conversation/content.ts';
import { RecallNeeded } from '../domain/decider.ts';
import { DomainError, type RefusalCode } from '../domain/errors.ts';
import type { ConversationId, MessageId } from '../domain/ids.ts';
import { isScheduled, scheduleDigest } from '../domain/scheduled/decider.ts';
import { entryKey, type ScheduledEntry } from '../domain/scheduled/state.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import type { ScheduledDocument } from '../projections/scheduled/document.ts';
import { Timestamp, Uuid, type Page } from '../schemas/common.ts';
import type { Scheduled, ScheduleBody } from '../schemas/scheduled.ts';
import type { SendBody } from '../schemas/message.ts';
import type { Caller, Written } from './caller.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Paging } from './history.ts';
import { asContent, mustBeSendable, prepared, type SendOptions } from './messages-send.ts';
import { readAccess } from './visibility.ts';

/** Messages that are sent later. Nobody but their sender learns of them before. */
export interface ScheduledService {
  /** Refuses what would be refused if it were sent now. With other content or time it replaces what is scheduled. */
  schedule(
    caller: Caller,
    conversationId: ConversationId,
    messageId: MessageId,
    body: ScheduleBody,
  ): Promise<Written<Scheduled>>;
  /** The caller's own in this conversation, by time, those that failed among them. */
  list(caller: Caller, conversationId: ConversationId, paging: Paging): Promise<Page<Scheduled>>;
  /** Throws `message/not-found` for what is not scheduled, and for what is being sent. */
  cancel(caller: Caller, conversationId: ConversationId, messageId: MessageId): Promise<Written<null>>;
}

const Place = z.tuple([Timestamp, Uuid]);

export const createScheduledService = (options: SendOptions & { readonly clock: Clock }): ScheduledService => {
  const { bus, reads, events, clock } = options;

  /** Decides the send as if it were asked for now, without sending it. */
  const mustBeAccepted = async (
    caller: Caller,
    conversationId: ConversationId,
    messageId: MessageId,
    body: SendBody,
  ): Promise<void> => {
    let state = await bus.conversationState(conversationId);
    const isMember = state.status !== 'absent' && state.members.has(caller.userId);
    const copied = isMember ? await prepared(options, caller, state, body) : undefined;
    const command = { type: 'SendMessage', data: { messageId, content: asContent(body), copied } } as const;
    const context = { actorId: caller.userId, at: timestamp(clock) };
    const decide = () => conversation.decide(command, state, context);
    let decided: ReturnType<typeof decide>;
    try {
      decided = decide();
    } catch (error) {
      if (!(error instanceof RecallNeeded)) throw error;
      await reads.waitFor(['timeline'], await events.head());
      const facts = await reads.timeline.recall(conversationId, error.keys);
      state = conversation.recall?.(state, facts) ?? state;
      decided = decide();
    }
    if (decided.length === 0) throw new DomainError('message/id-reused');
  };

  return {
    async schedule(caller, conversationId, messageId, { sendAt, ...body }) {
      const { userId } = caller;
      const content = asContent(body);
      mustBeSendable(content);
      const key = entryKey(conversationId, messageId);
      const earlier = (await bus.scheduledState(userId)).entries.get(key);
      if (!isScheduled(earlier, scheduleDigest(content, sendAt))) {
        await mustBeAccepted(caller, conversationId, messageId, body);
      }
      const { events: made, position } = await bus.scheduled(userId, {
        commandId: randomUUID(),
        actorId: userId,
        command: { type: 'ScheduleSend', data: { userId, conversationId, messageId, sendAt, content } },
      });
      const entry = made.length > 0 ? undefined : (await bus.scheduledState(userId)).entries.get(key);
      const isNew = earlier === undefined || earlier.status === 'cancelled';
      const result = bodyView(conversationId, messageId, sendAt, body, entry);
      return { result, created: made.length > 0 && isNew, position };
    },

    async list({ userId }, conversationId, { cursor, limit }) {
      const after = decodeCursor(Place, cursor);
      await readAccess(reads.feed, userId, conversationId);
      const found = await reads.scheduled.sends(userId, conversationId, after, limit + 1);
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      return {
        items: items.map(documentView),
        next: last === undefined ? null : encodeCursor([last.sendAt, last.messageId]),
      };
    },

    async cancel({ userId }, conversationId, messageId) {
      const { events: made, position } = await bus.scheduled(userId, {
        commandId: randomUUID(),
        actorId: userId,
        command: { type: 'CancelScheduledSend', data: { conversationId, messageId } },
      });
      return { result: null, created: made.length > 0, position };
    },
  };
};

const bodyView = (
  conversationId: ConversationId,
  messageId: MessageId,
  sendAt: string,
  body: SendBody,
  entry: ScheduledEntry | undefined,
): Scheduled => ({
  messageId,
  conversationId,
  sendAt,
  text: body.text ?? null,
  attachments: [...(body.attachments ?? [])],
  replyTo: body.replyTo ?? null,
  thread: body.thread === undefined ? null : { rootId: body.thread },
  forwardedFrom: body.forwardedFrom ?? null,
  mentions: distinct(body.mentions),
  custom: body.custom ?? null,
  expiresInSeconds: body.expiresInSeconds ?? null,
  state: entry?.status === 'sent' || entry?.status === 'failed' ? entry.status : 'pending',
  failure: (entry?.failure ?? null) as RefusalCode | null,
});

const documentView = (document: ScheduledDocument): Scheduled => ({
  messageId: document.messageId,
  conversationId: document.conversationId,
  sendAt: document.sendAt,
  text: document.text,
  attachments: [...document.attachments],
  replyTo: document.replyTo,
  thread: document.threadRootId === null ? null : { rootId: document.threadRootId },
  forwardedFrom: document.forwardedFrom,
  mentions: [...document.mentions],
  custom: document.custom,
  expiresInSeconds: document.expiresInSeconds,
  state: document.failure === null ? 'pending' : 'failed',
  failure: document.failure as RefusalCode | null,
});
