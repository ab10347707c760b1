import type { Member } from '../../schemas/conversation.ts';
import type { Message } from '../../schemas/message.ts';
import { withOperation } from '../outbox/deliver.ts';
import { messageIdOf, type Entry, type Failure } from '../outbox/entry.ts';
import type { Copy } from '../store/copy.ts';

/** A message as it is shown, from the moment it is sent. */
export interface TimelineItem extends Omit<Message, 'seq' | 'revision'> {
  /** null until the server has given it its number. */
  readonly seq: number | null;
  /** `waiting`: something about it is not done yet; `failed`: and will not be, unless it is tried again. */
  readonly status: 'done' | 'waiting' | 'failed';
  readonly failure: Failure | null;
  /** What waits or has failed, to be tried again or discarded; null where there is nothing. */
  readonly entryId: string | null;
}

const plainItems = new WeakMap<Message, TimelineItem>();

const shown = (message: Message, state: Message['state'], entry?: Entry): TimelineItem => {
  const { revision: _revision, ...rest } = message;
  const status = entry === undefined ? 'done' : entry.failure === null ? 'waiting' : 'failed';
  return { ...rest, state, status, failure: entry?.failure ?? null, entryId: entry?.entryId ?? null };
};

/** The same item for the same message, as long as nothing about it changes. */
const plain = (message: Message, state: Message['state']): TimelineItem => {
  const known = plainItems.get(message);
  if (known !== undefined && known.state === state) return known;
  const item = shown(message, state);
  plainItems.set(message, item);
  return item;
};

/** How far all others have come: the least of their pointers. */
interface Reach {
  readonly delivered: number;
  readonly read: number;
}

const reachOf = (members: ReadonlyMap<string, Member>, userId: string): Reach => {
  const others = [...members.values()].filter((member) => member.userId !== userId);
  if (others.length === 0) return { delivered: 0, read: 0 };
  return {
    delivered: Math.min(...others.map(({ deliveredSeq }) => deliveredSeq)),
    read: Math.min(...others.map(({ readSeq }) => readSeq)),
  };
};

const stateOf = (message: Message, reach: Reach | undefined, userId: string): Message['state'] => {
  if (message.senderId !== userId) return null;
  if (reach === undefined) return message.state ?? 'sent';
  if (message.seq <= reach.read) return 'seen';
  return message.seq <= reach.delivered ? 'delivered' : 'sent';
};

/** A message that only this device knows of. */
const local = (entry: Entry, conversationId: string, userId: string): TimelineItem | undefined => {
  const { operation, failure, entryId, at } = entry;
  if (operation.type !== 'send') return undefined;
  const { content, messageId, uploaded } = operation;
  return {
    messageId,
    conversationId,
    seq: null,
    senderId: userId,
    sentAt: at,
    editedAt: null,
    deletedAt: null,
    text: content.text ?? null,
    attachments: [...(content.attachments ?? []), ...uploaded],
    replyTo: content.replyTo ?? null,
    thread: content.thread === undefined ? null : { rootId: content.thread },
    replyCount: 0,
    lastReplyAt: null,
    forwardedFrom: content.forwardedFrom ?? null,
    mentions: content.mentions ?? [],
    reactions: [],
    pinned: false,
    expiresAt: null,
    custom: content.custom ?? null,
    state: null,
    status: failure === null ? 'waiting' : 'failed',
    failure,
    entryId,
  };
};

/** The messages of a window as their user sees them, with what he has done and the server does not know yet. */
export const timelineOf = (copy: Copy, entries: readonly Entry[], userId: string): readonly TimelineItem[] => {
  const { window, members, head } = copy;
  const reach = members === null ? undefined : reachOf(members, userId);
  const items: TimelineItem[] = [];
  for (const message of window.messages) {
    const own = entries.filter((entry) => messageIdOf(entry) === message.messageId && entry.operation.type !== 'send');
    const state = stateOf(message, reach, userId);
    const item = own.length === 0 ? plain(message, state) : overlaid(message, state, own);
    if (item !== undefined) items.push(item);
  }
  if (window.to !== null) return items;
  const known = new Set(window.messages.map(({ messageId }) => messageId));
  for (const entry of entries) {
    const item = local(entry, head.conversationId, userId);
    if (item !== undefined && !known.has(item.messageId)) items.push(item);
  }
  return items;
};

/** What has failed is not done to the message, only told. */
const overlaid = (message: Message, state: Message['state'], own: readonly Entry[]): TimelineItem | undefined => {
  let changed: Message | undefined = message;
  for (const { operation, failure, at } of own) {
    if (failure !== null || operation.type === 'send' || operation.type === 'receipt') continue;
    changed = changed && withOperation(changed, operation, at);
  }
  return (
    changed &&
    shown(
      changed,
      state,
      own.find(({ failure }) => failure !== null) ?? own.findLast(({ isConfirmed }) => isConfirmed !== true),
    )
  );
};
