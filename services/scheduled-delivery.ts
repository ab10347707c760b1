import { randomUUID } from 'node:crypto';
import { DomainError, type RefusalCode } from '../domain/errors.ts';
import type { ScheduledCommand } from '../domain/scheduled/commands.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { JobHandler } from '../ports/jobs.ts';
import type { ScheduledDocument } from '../projections/scheduled/document.ts';
import type { SendBody } from '../schemas/message.ts';
import { send, type SendOptions } from './messages-send.ts';
import { isFault } from './problems.ts';

export interface DeliveryOptions extends SendOptions {
  readonly clock: Clock;
}

/** Sends looked at together. */
const pageLength = 100;

const bodyOf = (document: ScheduledDocument): SendBody => ({
  text: document.text,
  custom: document.custom,
  attachments: [...document.attachments],
  mentions: [...document.mentions],
  ...(document.replyTo !== null && { replyTo: document.replyTo }),
  ...(document.threadRootId !== null && { thread: document.threadRootId }),
  ...(document.forwardedFrom !== null && { forwardedFrom: document.forwardedFrom }),
  ...(document.expiresInSeconds !== null && { expiresInSeconds: document.expiresInSeconds }),
});

/** The code of a refusal. Throws what is none. */
const refusalIn = async (sending: Promise<unknown>): Promise<RefusalCode | null> => {
  try {
    await sending;
    return null;
  } catch (error) {
    if (error instanceof DomainError && !isFault(error)) return error.code;
    throw error;
  }
};

/**
 * Sends what is due, in the order of the times set, the sends of one conversation one after the other. Each is begun in
 * the log first, so that from then on it cannot be changed; it is sent under its own id, so that doing it again sends
 * nothing twice.
 */
export const sendDue = (options: DeliveryOptions): JobHandler => {
  const { bus, reads, clock } = options;

  const deliver = async (document: ScheduledDocument): Promise<Position> => {
    const { userId, conversationId, messageId, digest } = document;
    const tell = (command: ScheduledCommand) =>
      bus.scheduled(userId, { commandId: randomUUID(), actorId: 'system', command });
    const stale = await refusalIn(tell({ type: 'BeginScheduledSend', data: { conversationId, messageId, digest } }));
    // Given up or changed meanwhile: the read model will know shortly.
    if (stale !== null) return beforeLog;
    const failure = await refusalIn(send(options, { userId }, conversationId, messageId, bodyOf(document)));
    const settled = await tell({ type: 'SettleScheduledSend', data: { conversationId, messageId, failure } });
    return settled.position;
  };

  const deliverAll = async (documents: readonly ScheduledDocument[]): Promise<Position> => {
    let last = beforeLog;
    for (const document of documents) {
      const position = await deliver(document);
      if (position > last) last = position;
    }
    return last;
  };

  return async () => {
    for (;;) {
      const due = await reads.scheduled.due(timestamp(clock), pageLength);
      const groups = [...Map.groupBy(due, ({ conversationId }) => conversationId).values()];
      const outcomes = await Promise.allSettled(groups.map(deliverAll));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
      const positions = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      await reads.waitFor(
        ['scheduled'],
        positions.reduce((last, position) => (position > last ? position : last), beforeLog),
      );
      if (due.length < pageLength) return null;
    }
  };
};
