import type { Message } from '../../../schemas/message.ts';
import type { ChatClient } from '../client/chat-client.ts';
import type { ConversationCopy } from '../client/conversation-copy.ts';
import { mentionsOf, unreadOf, type FoldedConversation } from './log-fold.ts';

/** What all who may see a message see alike, and every copy of it must hold. */
const comparable = ({ deletedAt, ...message }: Message): string =>
  JSON.stringify({ ...message, state: null, deleted: deletedAt !== null }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

const firstDifference = (kept: readonly Message[], served: readonly Message[]): string | undefined => {
  const longest = Math.max(kept.length, served.length);
  for (let index = 0; index < longest; index += 1) {
    const [ours, theirs] = [kept[index], served[index]];
    if (ours === undefined) return `misses seq ${theirs!.seq}`;
    if (theirs === undefined) return `holds seq ${ours.seq}, which the server does not show`;
    if (comparable(ours) !== comparable(theirs)) {
      return `differs at seq ${theirs.seq}:\n  copy   ${comparable(ours)}\n  server ${comparable(theirs)}`;
    }
  }
  return undefined;
};

const ordered = (copy: ConversationCopy): readonly Message[] =>
  [...copy.messages.values()].sort((a, b) => a.seq - b.seq);

export interface CopyReport {
  readonly conversations: number;
  readonly messages: number;
  /** Empty when every copy equals what the server shows. */
  readonly differences: readonly string[];
}

export interface HistoryCache {
  history(client: ChatClient, conversationId: string): Promise<readonly Message[]>;
}

/** Asks the server anew every time. */
export const freshHistory: HistoryCache = {
  history: (client, conversationId) => client.history(conversationId),
};

/** Holds a client's copies against the server's feed, history and members. */
export const compareCopies = async (client: ChatClient, cache = freshHistory): Promise<CopyReport> => {
  const differences: string[] = client.violations.map((violation) => `${client.credentials.username}: ${violation}`);
  const feed = await client.feed();
  const shown = new Set(feed.map(({ conversation }) => conversation.conversationId));
  let messages = 0;
  for (const [conversationId, { conversation }] of client.copies) {
    if (shown.has(conversationId) || conversation?.closedAt !== null) continue;
    differences.push(`${client.credentials.username} keeps ${conversationId}, which is not in the feed`);
  }
  for (const { conversation } of feed) {
    const { conversationId } = conversation;
    const where = `${client.credentials.username} in ${conversationId}`;
    const copy = client.copies.get(conversationId);
    if (copy === undefined) {
      differences.push(`${where}: no copy`);
      continue;
    }
    const served = await cache.history(client, conversationId);
    messages += served.length;
    const difference = firstDifference(ordered(copy), served);
    if (difference !== undefined) differences.push(`${where}: the copy ${difference}`);
    for (const field of ['name', 'topic', 'memberCount', 'lastSeq'] as const) {
      if (copy.conversation?.[field] === conversation[field]) continue;
      differences.push(`${where}: ${field} is ${copy.conversation?.[field]}, on the server ${conversation[field]}`);
    }
    if (copy.members.size !== conversation.memberCount) {
      differences.push(`${where}: ${copy.members.size} members, on the server ${conversation.memberCount}`);
    }
  }
  return { conversations: feed.length, messages, differences };
};

/** Holds the counts of a client's feed against the fold of the log. */
export const compareCounts = async (
  client: ChatClient,
  folded: ReadonlyMap<string, FoldedConversation>,
): Promise<readonly string[]> => {
  const differences: string[] = [];
  const feed = await client.feed();
  const { userId } = client;
  const expected = [...folded.values()].filter(({ members, closed }) => members.has(userId) && !closed);
  if (expected.length !== feed.length) {
    differences.push(`${client.credentials.username}: ${feed.length} in the feed, ${expected.length} in the log`);
  }
  for (const { conversation, unread, mentions } of feed) {
    const { conversationId } = conversation;
    const truth = folded.get(conversationId);
    if (truth === undefined) {
      differences.push(`${conversationId} is in the feed, but not in the log`);
      continue;
    }
    const counted = { unread: unreadOf(truth, userId), mentions: mentionsOf(truth, userId), lastSeq: truth.lastSeq };
    const told = { unread, mentions, lastSeq: conversation.lastSeq };
    if (JSON.stringify(counted) === JSON.stringify(told)) continue;
    const where = `${client.credentials.username} in ${conversationId}`;
    differences.push(`${where}: the feed says ${JSON.stringify(told)}, the log ${JSON.stringify(counted)}`);
  }
  return differences;
};
