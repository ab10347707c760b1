import { conversationStream, type ConversationId, type MessageId, type UserId } from '../../../domain/ids.ts';
import type { EventStore } from '../../../ports/event-store.ts';
import { importedTime } from './ids.ts';

/** What a conversation holds already. */
export interface EarlierRun {
  readonly isStarted: boolean;
  /** Commands of imports that made events. */
  readonly commands: Set<string>;
  /** Time of the latest record that was imported. */
  readonly upTo: number;
  readonly members: Set<UserId>;
  /** Whoever has ever been a member. */
  readonly seen: Set<UserId>;
  /** Messages and their senders. */
  readonly senders: Map<MessageId, UserId>;
}

/** Reads the stream once, so that a repeated record costs a look in memory. */
export const readEarlierRun = async (events: EventStore, id: ConversationId): Promise<EarlierRun> => {
  const commands = new Set<string>();
  const members = new Set<UserId>();
  const seen = new Set<UserId>();
  const senders = new Map<MessageId, UserId>();
  let upTo = 0;
  let isStarted = false;
  for await (const { type, data, metadata } of events.readStream(conversationStream(id))) {
    isStarted = true;
    const time = importedTime(metadata.commandId);
    if (time !== undefined) commands.add(metadata.commandId);
    upTo = Math.max(upTo, time ?? 0);
    const fields = data as { userId: string; messageId: string; senderId: string; members: { userId: string }[] };
    const added = type === 'ConversationStarted' ? fields.members : type === 'MemberAdded' ? [fields] : [];
    for (const { userId } of added) {
      members.add(userId);
      seen.add(userId);
    }
    if (type === 'MemberRemoved') members.delete(fields.userId);
    if (type === 'MessageSent') senders.set(fields.messageId, fields.senderId);
  }
  return { isStarted, commands, upTo, members, seen, senders };
};
