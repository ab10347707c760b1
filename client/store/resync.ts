import type { FeedItem } from '../../schemas/conversation.ts';
import type { Changes } from '../../schemas/sync.ts';
import { copyOfItem, countedOf, type Copy } from './copy.ts';
import { settleCounts } from './counts.ts';
import { withMessage } from './messages.ts';
import { withoutPutAway } from './window.ts';

/** What is left of a copy when pushes were missed and nobody looks at it: what the feed told. */
export const withoutPushes = (copy: Copy, userId: string): Copy => {
  const { head, revision } = copy;
  return {
    ...settleCounts(copy, userId),
    revision: Math.max(revision, head.revision),
    isExact: false,
    window: { from: head.lastSeq, to: null, hasBefore: true, messages: [] },
    members: null,
  };
};

/**
 * The copy with what the feed says, after events were missed. What was known of messages and members is kept if it is
 * to be brought up to date by changes since `revision`.
 */
export const resynced = (copy: Copy | undefined, item: FeedItem): Copy => {
  const fresh = copyOfItem(item);
  if (copy === undefined || !copy.isOpen) return fresh;
  const { revision, isExact, window, members, isOpen, areMembersStale } = copy;
  return { ...fresh, revision, isExact, window, members, isOpen, areMembersStale };
};

/**
 * The copy with a fresh word of the feed, while events go on coming. What the feed says may be newer than the events
 * that came, never older than those that had come when it was asked: `isOwnViewNewer`: but the own view was changed
 * since then.
 */
export const refreshed = (copy: Copy, item: FeedItem, isOwnViewNewer: boolean): Copy => {
  const { conversation } = item;
  if (conversation.revision < copy.head.revision || isOwnViewNewer) return { ...copy, isStale: true };
  return {
    ...copy,
    head: conversation,
    counted: countedOf(item),
    lastMessage: item.lastMessage,
    lastActivityAt: item.lastActivityAt,
    isStale: false,
  };
};

/** The copy with one page of what has changed since its revision. */
export const applyChanges = (copy: Copy, page: Changes): Copy => {
  const { from, to } = copy.window;
  const within = page.messages.filter(({ seq }) => seq > from && (to === null || seq <= to));
  const sorted = within.toSorted((one, other) => one.seq - other.seq);
  const messages = withoutPutAway(sorted.reduce(withMessage, copy.window.messages), page);
  const members = copy.members === null ? null : new Map(copy.members);
  for (const member of page.members ?? []) members?.set(member.userId, member);
  for (const userId of page.removedMembers ?? []) members?.delete(userId);
  const head = page.conversation ?? copy.head;
  const isHeadNewer = head.revision > copy.head.revision;
  return {
    ...copy,
    // What is newer than the feed item was not counted by it.
    ...(isHeadNewer && { head, isStale: true }),
    revision: Math.max(copy.revision, page.revision),
    isExact: !page.more,
    window: { ...copy.window, messages },
    members,
  };
};
