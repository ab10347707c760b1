import type { Message } from '../../schemas/message.ts';
import type { Copy } from './copy.ts';

export interface Counts {
  readonly unread: number;
  readonly mentions: number;
}

export const mentionsUser = ({ mentions }: Pick<Message, 'mentions'>, userId: string): boolean =>
  mentions.includes('everyone') || mentions.includes(userId);

const count = (messages: readonly Message[], after: number, userId: string): Counts => {
  const unread = messages.filter(({ seq, deletedAt }) => seq > after && deletedAt === null);
  return { unread: unread.length, mentions: unread.filter((message) => mentionsUser(message, userId)).length };
};

/** Whether every message that can be unread is in the window. */
export const isCovered = ({ window }: Copy, floor: number): boolean =>
  window.to === null && (!window.hasBefore || floor >= window.from);

export const readSeqOf = ({ head }: Copy): number => head.me?.readSeq ?? 0;

/**
 * Messages after the read pointer that are neither deleted nor hidden, and those of them that mention the user, as the
 * server counts them; exact unless the copy is stale. `readAlready`: read here, though the server does not know it yet.
 */
export const countsOf = (copy: Copy, userId: string, readAlready = 0): Counts => {
  const { head, counted, window } = copy;
  const floor = Math.max(readSeqOf(copy), readAlready);
  if (floor >= head.lastSeq) return { unread: 0, mentions: 0 };
  if (isCovered(copy, floor)) return count(window.messages, floor, userId);
  const newer = count(window.messages, Math.max(floor, counted.upTo), userId);
  if (floor >= counted.upTo) return newer;
  return { unread: counted.unread + newer.unread, mentions: counted.mentions + newer.mentions };
};

/** The same copy, its counts no longer dependent on what is in the window. */
export const settleCounts = (copy: Copy, userId: string): Copy => {
  const { head, window, counted } = copy;
  const upTo = Math.max(head.lastSeq, counted.upTo);
  const revision = Math.max(counted.revision, copy.revision);
  // What a page or a reply has brought before its push is counted with that.
  const messages = window.messages.filter(({ seq }) => seq <= upTo);
  const counts = countsOf({ ...copy, window: { ...window, messages } }, userId);
  return { ...copy, counted: { ...counts, floor: readSeqOf(copy), upTo, revision } };
};

/** Something that was counted no longer is, or now is: a message in (`floor`, `upTo`] was changed by a newer event. */
export const recount = (copy: Copy, seq: number, revision: number, unread: number, mentions: number): Copy => {
  const { counted } = copy;
  if (seq <= counted.floor || seq > counted.upTo || revision <= counted.revision) return copy;
  return {
    ...copy,
    counted: {
      ...counted,
      unread: Math.max(0, counted.unread + unread),
      mentions: Math.max(0, counted.mentions + mentions),
    },
  };
};
