import type { Conversation } from '../../schemas/conversation.ts';
import type { MessagePreview } from '../../schemas/message.ts';
import type { Copy } from '../store/copy.ts';
import { countsOf } from '../store/counts.ts';

/** One line of the feed. */
export interface FeedEntry {
  readonly conversation: Conversation;
  readonly unread: number;
  readonly mentions: number;
  readonly lastMessage: MessagePreview | null;
  readonly lastActivityAt: string;
}

const known = new WeakMap<Copy, { readonly readAlready: number; readonly entry: FeedEntry }>();

/** The same entry for the same copy. */
export const entryOf = (copy: Copy, userId: string, readAlready: number): FeedEntry => {
  const present = known.get(copy);
  if (present !== undefined && present.readAlready === readAlready) return present.entry;
  const { head, lastMessage, lastActivityAt } = copy;
  const entry = { conversation: head, ...countsOf(copy, userId, readAlready), lastMessage, lastActivityAt };
  known.set(copy, { readAlready, entry });
  return entry;
};

const compare = (one: FeedEntry, other: FeedEntry): number => {
  const [a, b] = [one.conversation, other.conversation];
  const [pinnedA, pinnedB] = [a.me?.pinned ?? false, b.me?.pinned ?? false];
  if (pinnedA !== pinnedB) return pinnedA ? -1 : 1;
  if (one.unread > 0 !== other.unread > 0) return one.unread > 0 ? -1 : 1;
  if (one.lastActivityAt !== other.lastActivityAt) return one.lastActivityAt > other.lastActivityAt ? -1 : 1;
  return a.conversationId < b.conversationId ? -1 : 1;
};

/** Pinned ones, then those with unread messages, then by last activity: the order of the server's feed. */
export const sortedFeed = (entries: readonly FeedEntry[]): readonly FeedEntry[] => entries.toSorted(compare);
