import type { Conversation } from '../../schemas/conversation.ts';
import type { Message } from '../../schemas/message.ts';
import type { EventFrame, MeFrame } from '../frames.ts';
import type { Copy } from './copy.ts';
import { isCovered, mentionsUser, readSeqOf, recount } from './counts.ts';
import { evolveMembers } from './members.ts';
import { evolveMessages, withMessage } from './messages.ts';
import { previewOf } from './preview.ts';
import { withoutPutAway } from './window.ts';

type Changed = { readonly [Field in keyof Conversation]?: Conversation[Field] | undefined };

/** The head after an event that all members see; what it shows already stays. */
const withHead = (copy: Copy, revision: number, changed: Changed = {}): Copy => {
  if (revision <= copy.head.revision) return copy;
  const given = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
  return { ...copy, head: { ...copy.head, ...given, revision } };
};

const withMe = (copy: Copy, changed: Partial<NonNullable<Conversation['me']>>): Copy => {
  const { me } = copy.head;
  return me === null ? copy : { ...copy, head: { ...copy.head, me: { ...me, ...changed } } };
};

const messageOf = (copy: Copy, messageId: string): Message | undefined =>
  copy.window.messages.find((message) => message.messageId === messageId);

const sent = (copy: Copy, message: Message, revision: number, userId: string): Copy => {
  const { window } = copy;
  const isOwn = message.senderId === userId;
  const isNewest = message.seq > copy.head.lastSeq;
  let next = withHead(copy, revision, { lastSeq: Math.max(copy.head.lastSeq, message.seq) });
  if (isNewest) next = { ...next, lastActivityAt: message.sentAt, lastMessage: previewOf(message) };
  if (window.to === null) {
    next = { ...next, window: { ...window, messages: withMessage(window.messages, message) } };
  } else if (message.seq > copy.counted.upTo) {
    const counted = { ...copy.counted, upTo: message.seq };
    next = recount({ ...next, counted }, message.seq, revision, ...countOf(message, isOwn, userId));
  }
  return isOwn ? readUpTo(next, message.seq) : next;
};

const countOf = (message: Message, isOwn: boolean, userId: string): [unread: number, mentions: number] => {
  if (isOwn || message.deletedAt !== null) return [0, 0];
  return [1, mentionsUser(message, userId) ? 1 : 0];
};

/** The user's own pointers, moved forward; what was marked as unread before is no longer. */
export const readUpTo = (copy: Copy, seq: number): Copy => {
  const readSeq = Math.max(readSeqOf(copy), seq);
  const deliveredSeq = Math.max(copy.head.me?.deliveredSeq ?? 0, seq);
  return withFloor(withMe(copy, { readSeq, deliveredSeq }), undefined);
};

/** The counts after the read pointer has moved; `unread`: how many the server counted then. */
const withFloor = (copy: Copy, unread: number | undefined): Copy => {
  const floor = readSeqOf(copy);
  const { counted } = copy;
  if (floor === counted.floor) return copy;
  if (floor >= counted.upTo) return { ...copy, counted: { ...counted, unread: 0, mentions: 0, floor } };
  const isKnown = isCovered(copy, floor);
  return {
    ...copy,
    counted: { ...counted, floor, unread: Math.max(0, unread ?? counted.unread) },
    isStale: copy.isStale || !isKnown,
  };
};

const deleted = (
  copy: Copy,
  messageId: string,
  seq: number,
  { revision, at = '' }: EventFrame,
  userId: string,
): Copy => {
  const present = messageOf(copy, messageId);
  const wasCounted = present !== undefined && present.deletedAt === null;
  const next = recount(copy, seq, revision, -1, wasCounted && mentionsUser(present, userId) ? -1 : 0);
  const isUncertain = !wasCounted && seq > readSeqOf(copy) && !isCovered(copy, readSeqOf(copy));
  const { lastMessage } = next;
  const isLast = lastMessage?.messageId === messageId;
  return {
    ...withHead(next, revision),
    isStale: next.isStale || isUncertain,
    lastMessage: isLast
      ? { ...lastMessage, text: null, kind: 'text', deletedAt: lastMessage.deletedAt ?? at }
      : lastMessage,
  };
};

const edited = (copy: Copy, message: Message, revision: number, userId: string): Copy => {
  const present = messageOf(copy, message.messageId);
  const isKnown = present !== undefined && present.revision < revision;
  const change = isKnown ? Number(mentionsUser(message, userId)) - Number(mentionsUser(present, userId)) : 0;
  const next = recount(copy, message.seq, revision, 0, change);
  const isUncertain = !isKnown && message.seq > readSeqOf(copy) && !isCovered(copy, readSeqOf(copy));
  const isLast = copy.lastMessage?.messageId === message.messageId;
  return {
    ...withHead(next, revision),
    isStale: next.isStale || isUncertain,
    lastMessage: isLast ? previewOf(message) : copy.lastMessage,
  };
};

const evolveHead = (copy: Copy, frame: EventFrame, userId: string): Copy => {
  const { event, revision, at = '' } = frame;
  switch (event.type) {
    case 'conversationChanged': {
      const { name, topic, avatarMediaId, settings } = event;
      return withHead(copy, revision, { name, topic, avatarMediaId, settings });
    }
    case 'conversationClosed':
      return withHead(copy, revision, { closedAt: at });
    case 'messageSent':
      return sent(copy, event.message, revision, userId);
    case 'messageEdited':
      return edited(copy, event.message, revision, userId);
    case 'messageDeleted':
      return deleted(copy, event.messageId, event.seq, frame, userId);
    case 'memberAdded':
      return withHead(copy, revision, { memberCount: copy.head.memberCount + 1 });
    case 'memberRemoved':
      return withHead(copy, revision, { memberCount: copy.head.memberCount - 1 });
    case 'memberChanged': {
      const changed = withHead(copy, revision);
      return event.userId === userId ? withMe(changed, { role: event.role }) : changed;
    }
    case 'reactionAdded':
    case 'reactionRemoved':
    case 'pinned':
    case 'unpinned':
      return withHead(copy, revision);
    default:
      return copy;
  }
};

/** What an event that is in the copy already says about messages that a page may have brought older than that. */
const withMessages = (copy: Copy, frame: EventFrame, userId: string): Copy => {
  const messages = evolveMessages(copy.window.messages, frame, userId);
  return messages === copy.window.messages ? copy : { ...copy, window: { ...copy.window, messages } };
};

/** The copy after an event. One that it has in it already leaves it the same. */
export const applyEvent = (copy: Copy, frame: EventFrame, userId: string): Copy => {
  if (frame.revision <= copy.revision) return withMessages(copy, frame, userId);
  const next = evolveHead(copy, frame, userId);
  const evolved = copy.members === null ? null : evolveMembers(copy.members, frame);
  return {
    ...withMessages(next, frame, userId),
    revision: frame.revision,
    isExact: true,
    members: evolved?.members ?? null,
    areMembersStale: next.areMembersStale || (evolved?.isStale ?? false),
  };
};

/** The copy after a change of the user's own view, as any of his devices made it. */
export const applyMe = (
  copy: Copy,
  { me: { unread, ...me }, hidden = [], clearedSeq }: MeFrame,
  userId: string,
): Copy => {
  const { counted, head, lastMessage } = copy;
  let next: Copy = { ...copy, head: { ...head, me } };
  const known = hidden.flatMap((messageId) => messageOf(copy, messageId) ?? []);
  for (const message of known) {
    const isCounted = message.deletedAt === null;
    if (isCounted) next = recount(next, message.seq, Infinity, -1, mentionsUser(message, userId) ? -1 : 0);
  }
  // What was counted may have been counted after they were put away.
  const isUncertain = next.counted !== counted && !isCovered(next, readSeqOf(next));
  const messages = withoutPutAway(next.window.messages, { hidden, clearedSeq });
  if (messages !== next.window.messages) next = { ...next, window: { ...next.window, messages } };
  const newer = messages.filter(({ seq, deletedAt }) => seq > counted.upTo && deletedAt === null).length;
  next = withFloor(next, unread - newer);
  const isLastGone =
    lastMessage !== null && (lastMessage.seq <= (clearedSeq ?? 0) || hidden.includes(lastMessage.messageId));
  return {
    ...next,
    lastMessage: isLastGone ? lastShown(next) : lastMessage,
    isStale:
      next.isStale ||
      isUncertain ||
      known.length < hidden.length ||
      clearedSeq !== undefined ||
      (isLastGone && lastShown(next) === null),
  };
};

/**
 * The copy with a message as the reply to its sending or editing has it, where that comes before its push; the push
 * then changes no more.
 */
export const applyReply = (copy: Copy, message: Message): Copy => {
  const { window } = copy;
  if (message.revision <= copy.revision) return copy;
  const present = messageOf(copy, message.messageId);
  const isInWindow = present !== undefined || (window.to === null && message.seq > window.from);
  if (!isInWindow) return copy;
  const next = { ...copy, window: { ...window, messages: withMessage(window.messages, message) } };
  return present === undefined ? readUpTo(next, message.seq) : next;
};

const lastShown = ({ window }: Copy): Copy['lastMessage'] => {
  const last = window.to === null ? window.messages.at(-1) : undefined;
  return last === undefined ? null : previewOf(last);
};
