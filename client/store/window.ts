import type { History, Message } from '../../schemas/message.ts';
import type { EventFrame, MeFrame } from '../frames.ts';
import { unreachable } from '../unreachable.ts';
import type { Copy, MessageWindow } from './copy.ts';
import { settleCounts } from './counts.ts';
import { evolveMessages, withMessage, withoutMessages } from './messages.ts';

/** What came in while a page was being fetched. */
export type Meanwhile = readonly (EventFrame | MeFrame)[];

/** What the user has put away himself. */
export interface PutAway {
  readonly hidden?: readonly string[] | undefined;
  readonly clearedSeq?: number | undefined;
}

export const withoutPutAway = (
  messages: readonly Message[],
  { hidden = [], clearedSeq = 0 }: PutAway,
): readonly Message[] =>
  withoutMessages(messages, ({ messageId, seq }) => seq <= clearedSeq || hidden.includes(messageId));

const merge = (
  page: readonly Message[],
  { to, messages }: Pick<MessageWindow, 'to' | 'messages'>,
  meanwhile: Meanwhile,
  userId: string,
): readonly Message[] => {
  let merged = messages.reduce(withMessage, page);
  for (const frame of meanwhile) {
    if (frame.type === 'me') {
      merged = withoutPutAway(merged, frame);
      continue;
    }
    if (to === null && frame.event.type === 'messageSent') merged = withMessage(merged, frame.event.message);
    merged = evolveMessages(merged, frame, userId);
  }
  return merged;
};

export type Direction = 'latest' | 'older' | 'newer' | 'around';

/** Whether newest messages after `from` follow what the window has without a hole; its pushes may be behind the page. */
const isContinuedBy = ({ window, head }: Copy, from: number): boolean => window.to === null && from <= head.lastSeq;

const placed = (copy: Copy, direction: Direction, page: History): Omit<MessageWindow, 'messages'> => {
  const { window, head } = copy;
  const from = page.hasBefore ? (page.items[0]?.seq ?? 1) - 1 : 0;
  const to = page.hasAfter ? (page.items.at(-1)?.seq ?? head.lastSeq) : null;
  switch (direction) {
    case 'older':
      return { from, to: window.to, hasBefore: page.hasBefore };
    case 'newer':
      return { from: window.from, to, hasBefore: window.hasBefore };
    case 'latest':
      return isContinuedBy(copy, from) && window.from < from
        ? { from: window.from, to, hasBefore: window.hasBefore }
        : { from, to, hasBefore: page.hasBefore };
    case 'around':
      return { from, to, hasBefore: page.hasBefore };
    default:
      return unreachable(direction);
  }
};

/** The copy with a page of history in its window that continues what was there, or takes its place. */
export const withPage = (
  copy: Copy,
  direction: Direction,
  page: History,
  meanwhile: Meanwhile,
  userId: string,
): Copy => {
  const place = placed(copy, direction, page);
  const isContinued =
    direction === 'older' || direction === 'newer' || (direction === 'latest' && isContinuedBy(copy, place.from));
  const present = isContinued ? copy.window.messages : [];
  const messages = merge(page.items, { to: place.to, messages: present }, meanwhile, userId);
  const settled = isContinued && place.to === null ? copy : settleCounts(copy, userId);
  return { ...settled, window: { ...place, messages } };
};

/** The copy with no more messages than `most`: the newest ones, or the oldest where somebody reads back in time. */
export const trimmed = (copy: Copy, most: number, keep: 'oldest' | 'newest', userId: string): Copy => {
  const { window } = copy;
  if (window.messages.length <= most) return copy;
  const settled = settleCounts(copy, userId);
  if (keep === 'oldest') {
    const messages = window.messages.slice(0, most);
    return { ...settled, window: { ...window, to: messages.at(-1)!.seq, messages } };
  }
  const messages = window.messages.slice(-most);
  return { ...settled, window: { ...window, from: messages[0]!.seq - 1, hasBefore: true, messages } };
};

/** What is kept of a copy that nobody looks at: the newest messages, if it is those that it shows. */
export const closed = (copy: Copy, most: number, userId: string): Copy => {
  const unseen = { ...copy, isOpen: false, members: null, areMembersStale: false };
  if (copy.window.to === null) return trimmed(unseen, most, 'newest', userId);
  const window = { from: copy.head.lastSeq, to: null, hasBefore: true, messages: [] };
  return { ...settleCounts(unseen, userId), window };
};
