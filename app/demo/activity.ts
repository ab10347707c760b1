import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import { emojis, lines } from './cast.ts';
import { Refused } from './client/rest.ts';
import type { ChatClient, Via } from './client/chat-client.ts';
import type { ConversationCopy } from './client/conversation-copy.ts';
import { tell, tellSome } from './lines.ts';
import type { Random } from './random.ts';

export interface Tally {
  sent: number;
  edited: number;
  deleted: number;
  hidden: number;
  reacted: number;
  read: number;
  absences: number;
}

export const emptyTally = (): Tally => ({
  sent: 0,
  edited: 0,
  deleted: 0,
  hidden: 0,
  reacted: 0,
  read: 0,
  absences: 0,
});

const sendLine = tellSome(12);
const smallLine = tellSome(9);

/** Someone else was faster: the message is gone, or the conversation is. */
const isOvertaken = (error: unknown): boolean => error instanceof Refused && [403, 404].includes(error.problem.status);

const nameOf = (copy: ConversationCopy): string => copy.conversation?.name ?? 'a direct conversation';

const lastMessages = (copy: ConversationCopy, count: number, userId?: string) =>
  [...copy.messages.values()]
    .slice(-40)
    .filter(({ senderId, deletedAt }) => deletedAt === null && (userId === undefined || senderId === userId))
    .slice(-count);

interface Act {
  readonly client: ChatClient;
  readonly copy: ConversationCopy;
  readonly random: Random;
  readonly tally: Tally;
}

const send = async ({ client, copy, random, tally }: Act): Promise<void> => {
  const text = random.pick(lines);
  const messageId = v7();
  const [replied] = random.chance(0.2) ? lastMessages(copy, 1) : [];
  const mentioned = random.chance(0.15) ? [random.pick([...copy.members.keys()])] : [];
  const content = {
    text,
    ...(replied !== undefined && { replyTo: replied.messageId }),
    ...(replied?.thread === null && random.chance(0.5) && { thread: replied.messageId }),
    ...(mentioned.length > 0 && { mentions: mentioned }),
  };
  await client.persist(() => {
    const via: Via = random.chance(0.25) ? 'rest' : 'socket';
    return client.send(copy.conversation!.conversationId, content, { via, messageId });
  });
  tally.sent += 1;
  sendLine(() => `${client.user.displayName} in ${nameOf(copy)}: ${text}`);
};

const change = async ({ client, copy, random, tally }: Act): Promise<void> => {
  const { conversationId } = copy.conversation!;
  const own = lastMessages(copy, 5, client.userId);
  const any = lastMessages(copy, 8);
  if (any.length === 0) return;
  const kind = random.next();
  const name = client.user.displayName;
  if (kind < 0.3 && own.length > 0) {
    const text = `${random.pick(lines)} (corrected)`;
    await client.persist(() => client.edit(conversationId, random.pick(own).messageId, { text }));
    tally.edited += 1;
    smallLine(() => `${name} corrects a message in ${nameOf(copy)}`);
  } else if (kind < 0.45 && own.length > 0) {
    await client.persist(() => client.delete(conversationId, random.pick(own).messageId));
    tally.deleted += 1;
    smallLine(() => `${name} deletes a message in ${nameOf(copy)}`);
  } else if (kind < 0.5) {
    await client.persist(() => client.delete(conversationId, random.pick(any).messageId, 'me'));
    tally.hidden += 1;
  } else {
    const emoji = random.pick(emojis);
    await client.persist(() => client.react(conversationId, random.pick(any).messageId, emoji));
    tally.reacted += 1;
    smallLine(() => `${name} reacts with ${emoji} in ${nameOf(copy)}`);
  }
};

const read = async ({ client, copy, tally }: Act): Promise<void> => {
  const { conversationId, lastSeq } = copy.conversation!;
  if (lastSeq === 0) return;
  await client.persist(() => client.receipt(conversationId, lastSeq));
  tally.read += 1;
};

const beAway = async ({ client, random, tally }: Act): Promise<void> => {
  await client.goAway();
  tally.absences += 1;
  const before = client.copies.values().reduce((sum, { messages }) => sum + messages.size, 0);
  await pause(300 + random.below(4_000));
  await client.connect();
  await client.settled();
  const missed = client.copies.values().reduce((sum, { messages }) => sum + messages.size, 0) - before;
  tell(`${client.user.displayName} is back${missed > 0 ? ` and catches up on ${missed} messages` : ''}`);
};

/** Lets one person write, change, read, and now and then be away, until the signal aborts. */
export const takePart = async (
  client: ChatClient,
  { random, tally, signal }: { readonly random: Random; readonly tally: Tally; readonly signal: AbortSignal },
): Promise<void> => {
  while (!signal.aborted) {
    await pause(100 + random.below(500));
    const open = [...client.copies.values()].filter(({ conversation }) => conversation?.closedAt === null);
    if (open.length === 0) continue;
    const act: Act = { client, copy: random.pick(open), random, tally };
    const kind = random.next();
    const action = kind < 0.55 ? send : kind < 0.78 ? change : kind < 0.985 ? read : beAway;
    try {
      await action(act);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
    }
  }
};
