import { randomUUID } from 'node:crypto';
import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationId, MessageId } from '../domain/ids.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import { beforeLog, type Position } from '../ports/event-store.ts';
import type { JobHandler } from '../ports/jobs.ts';
import type { ReadModels } from '../projections/queries.ts';

export interface ExpiryOptions {
  readonly bus: CommandBus;
  readonly readModels: ReadModels;
  readonly clock: Clock;
}

/** Messages looked at together. */
const pageLength = 500;
/** Commands on their way at once. */
const atOnce = 100;

/** Asks their conversations to delete them, each if its time is over; resolves once the read models know. */
export const expire = async (
  { bus, readModels }: Pick<ExpiryOptions, 'bus' | 'readModels'>,
  messages: readonly { readonly conversationId: ConversationId; readonly messageId: MessageId }[],
): Promise<void> => {
  let last: Position = beforeLog;
  for (const some of chunksOf(messages, atOnce)) {
    const outcomes = await Promise.all(
      some.map(({ conversationId, messageId }) =>
        bus.conversation(conversationId, {
          commandId: randomUUID(),
          actorId: 'system',
          command: { type: 'ExpireMessage', data: { messageId } },
        }),
      ),
    );
    last = outcomes.reduce((latest, { position }) => (position > latest ? position : latest), last);
  }
  await readModels.waitFor(['timeline'], last);
};

/** Deletes the messages whose own time is over, those first whose time was over first. */
export const expireDue =
  (options: ExpiryOptions): JobHandler =>
  async () => {
    const { readModels, clock } = options;
    for (;;) {
      const due = await readModels.timeline.due(timestamp(clock), pageLength);
      if (due.length > 0) await expire(options, due);
      if (due.length < pageLength) return null;
    }
  };

const chunksOf = <Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );
