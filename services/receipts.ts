import { LRUCache } from 'lru-cache';
import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { FeedQueries } from '../projections/queries.ts';
import type { ReceiptBody } from '../schemas/message.ts';
import type { Caller, Written } from './caller.ts';
import { conversationWriter } from './conversation-write.ts';

export interface ReceiptOptions {
  readonly bus: CommandBus;
  readonly feed: Pick<FeedQueries, 'conversation'>;
  /** How long receipts of a large conversation wait for each other; default: 1 s. */
  readonly gatherMs?: number | undefined;
}

interface Waiting {
  readonly caller: Caller;
  read: number;
  readonly written: PromiseWithResolvers<Written<null>>;
}

const countedForMs = 10_000;

/**
 * Records how far devices have got. In a conversation above the receipt limit only reading counts, and receipts wait a
 * moment for each other, so that many readers make few events; each device's waiting ones become one.
 */
export const createReceiptRecorder = ({ bus, feed, gatherMs = 1_000 }: ReceiptOptions) => {
  const write = conversationWriter(bus);
  const gathered = new Map<ConversationId, Map<string, Waiting>>();
  const large = new LRUCache<ConversationId, boolean>({ max: 10_000, ttl: countedForMs });

  const record = (caller: Caller, conversationId: ConversationId, { delivered, read }: ReceiptBody) =>
    write(caller, conversationId, { type: 'RecordReceipt', data: { deviceId: caller.deviceId, delivered, read } });

  /** A guess is enough: what is recorded is decided by the conversation itself. */
  const isLarge = async (conversationId: ConversationId): Promise<boolean> => {
    const known = large.get(conversationId);
    if (known !== undefined) return known;
    const found = ((await feed.conversation(conversationId))?.memberCount ?? 0) > limits.receiptMembers;
    large.set(conversationId, found);
    return found;
  };

  const flush = (conversationId: ConversationId): void => {
    const waiting = [...(gathered.get(conversationId)?.values() ?? [])];
    gathered.delete(conversationId);
    // In one go, so that they are appended together.
    for (const { caller, read, written } of waiting) {
      record(caller, conversationId, { read }).then(written.resolve, written.reject);
    }
  };

  const gather = (caller: Caller, conversationId: ConversationId, read: number): Promise<Written<null>> => {
    const devices = gathered.getOrInsertComputed(conversationId, () => {
      setTimeout(() => flush(conversationId), gatherMs);
      return new Map<string, Waiting>();
    });
    const key = `${caller.userId}/${caller.deviceId}`;
    const waiting = devices.getOrInsertComputed(key, () => ({ caller, read, written: Promise.withResolvers() }));
    waiting.read = Math.max(waiting.read, read);
    return waiting.written.promise;
  };

  return async (caller: Caller, conversationId: ConversationId, body: ReceiptBody): Promise<Written<null>> =>
    body.read !== undefined && (await isLarge(conversationId))
      ? await gather(caller, conversationId, body.read)
      : await record(caller, conversationId, body);
};
