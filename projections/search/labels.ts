/** What documents of the search index are filtered by. */
export const labels = {
  link: 'has:link',
  attachment: 'has:attachment',
  reaction: 'has:reaction',
  pinned: 'is:pinned',
  /** In a thread, or the root of one. */
  thread: 'is:thread',
  /** A channel that anyone may find. */
  openChannel: 'is:channel',
} as const;

/** The user has deleted it for himself. */
export const hiddenLabel = (userId: string): string => `hidden:${userId}`;
export const mentionLabel = (target: string): string => `mentions:${target}`;

/** The group that users are found in. */
export const userGroup = 'users';
