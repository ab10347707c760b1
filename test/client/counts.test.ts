import { array, assert, boolean, constantFrom, nat, oneof, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import type { EventFrame, MeFrame } from '../../client/frames.ts';
import { copyOfItem, type Copy } from '../../client/store/copy.ts';
import { countsOf } from '../../client/store/counts.ts';
import { applyEvent, applyMe } from '../../client/store/evolve.ts';
import { refreshed } from '../../client/store/resync.ts';
import { closed, trimmed, withPage, type Direction } from '../../client/store/window.ts';
import type { EventBody } from '../../realtime/protocol.ts';
import type { FeedItem } from '../../schemas/conversation.ts';
import type { History, Message } from '../../schemas/message.ts';

const [conversationId, me, other, at] = ['c', 'me', 'other', '2026-01-01T00:00:00.000Z'];

/** A conversation as the server has it: every message, and how far its member has read. */
class Truth {
  readonly messages: Message[] = [];
  readonly hidden = new Set<string>();
  readSeq = 0;
  revision = 0;

  get counts() {
    const unread = this.messages.filter(
      ({ seq, deletedAt, messageId }) => seq > this.readSeq && deletedAt === null && !this.hidden.has(messageId),
    );
    return { unread: unread.length, mentions: unread.filter(({ mentions }) => mentions.includes(me)).length };
  }

  get ownView() {
    const { readSeq } = this;
    const rest = { joinedAt: at, mutedUntil: null, pinned: false, archived: false, deliveredSeq: 0 };
    return { role: 'member' as const, readSeq, ...rest };
  }

  get item(): FeedItem {
    const settings = {
      retentionSeconds: null,
      history: 'all',
      whoMaySend: 'members',
      whoMayAdd: 'members',
      mode: 'kept',
      maxMembers: 10,
    } as const;
    const head = { conversationId, kind: 'group', name: 'g', topic: null, avatarMediaId: null, settings } as const;
    const { revision, ownView, counts, messages } = this;
    const rest = { memberCount: 2, createdAt: at, closedAt: null, lastSeq: messages.length, revision, me: ownView };
    return { conversation: { ...head, ...rest }, ...counts, lastMessage: null, lastActivityAt: at };
  }

  event(event: EventBody): EventFrame {
    this.revision += 1;
    return { type: 'event', conversationId, revision: this.revision, position: '', at, event };
  }

  send(senderId: string, mentioned: boolean): EventFrame {
    const seq = this.messages.length + 1;
    const message: Message = {
      messageId: `m${seq}`,
      conversationId,
      seq,
      revision: this.revision + 1,
      senderId,
      sentAt: at,
      editedAt: null,
      deletedAt: null,
      text: 'text',
      attachments: [],
      replyTo: null,
      thread: null,
      replyCount: 0,
      lastReplyAt: null,
      forwardedFrom: null,
      mentions: mentioned ? [me] : [],
      reactions: [],
      pinned: false,
      expiresAt: null,
      custom: null,
      state: null,
    };
    this.messages.push(message);
    if (senderId === me) this.readSeq = seq;
    return this.event({ type: 'messageSent', message });
  }

  change(seq: number, changed: Partial<Message>, tell: (message: Message) => EventBody): EventFrame | undefined {
    const message = this.messages[seq - 1];
    if (message === undefined || message.deletedAt !== null) return undefined;
    const next = { ...message, ...changed, revision: this.revision + 1 };
    this.messages[seq - 1] = next;
    return this.event(this.hidden.has(next.messageId) ? { type: 'hidden' } : tell(next));
  }

  /** Of the own view, and the event that nobody sees. */
  own(change: Pick<MeFrame, 'hidden'> = {}): readonly [MeFrame, EventFrame] {
    const frame: MeFrame = {
      type: 'me',
      conversationId,
      position: '',
      me: { ...this.ownView, unread: this.counts.unread },
      ...change,
    };
    return [frame, this.event({ type: 'hidden' })];
  }
}

const step = record({
  kind: constantFrom('send', 'send', 'send', 'own', 'delete', 'edit', 'hide', 'read', 'setBack', 'close', 'ask'),
  place: nat(30),
  mentioned: boolean(),
});
type Step = Parameters<Parameters<typeof step.map>[0]>[0];

const framesOf = (truth: Truth, { kind, place, mentioned }: Step): readonly (EventFrame | MeFrame | undefined)[] => {
  const seq = 1 + (place % Math.max(1, truth.messages.length));
  switch (kind) {
    case 'send':
      return [truth.send(other, mentioned)];
    case 'own':
      return [truth.send(me, mentioned)];
    case 'delete': {
      const gone = { deletedAt: at, mentions: [], text: null };
      return [truth.change(seq, gone, ({ messageId }) => ({ type: 'messageDeleted', messageId, seq }))];
    }
    case 'edit': {
      const mentions = mentioned ? [me] : [];
      return [truth.change(seq, { mentions }, (message) => ({ type: 'messageEdited', message }))];
    }
    case 'hide': {
      const messageId = truth.messages[seq - 1]?.messageId;
      if (messageId === undefined || truth.hidden.has(messageId)) return [];
      truth.hidden.add(messageId);
      return truth.own({ hidden: [messageId] });
    }
    case 'read':
      truth.readSeq = Math.max(truth.readSeq, Math.min(seq, truth.messages.length));
      return truth.own();
    case 'setBack':
      truth.readSeq = Math.min(seq - 1, truth.messages.length);
      return truth.own();
    default:
      return [];
  }
};

it('D05 unread and mentions are exact after every event, unless the copy says that it has to ask', () => {
  let asked = 0;
  let exact = 0;
  assert(
    property(array(step, { maxLength: 60 }), nat(6), (steps, most) => {
      const truth = new Truth();
      let copy: Copy = copyOfItem(truth.item);
      for (const each of steps) {
        for (const frame of framesOf(truth, each)) {
          if (frame?.type === 'event') copy = trimmed(applyEvent(copy, frame, me), 1 + most, 'newest', me);
          if (frame?.type === 'me') copy = applyMe(copy, frame, me);
        }
        if (each.kind === 'close') copy = closed(copy, 1, me);
        if (each.kind === 'ask') copy = refreshed(copy, truth.item, false);
        if (copy.isStale) {
          asked += 1;
          copy = refreshed(copy, truth.item, false);
        } else exact += 1;
        expect(countsOf(copy, me)).toEqual(truth.counts);
      }
    }),
    { numRuns: 500 },
  );
  expect(exact).toBeGreaterThan(5 * asked);
});

const pageSize = 4;

/** A page as the server gives it, which may have come further than the pushes. */
const pageOf = ({ messages, hidden }: Truth, place: (seen: readonly Message[]) => number): History => {
  const seen = messages.filter(({ messageId }) => !hidden.has(messageId));
  const from = Math.max(0, Math.min(place(seen), seen.length));
  const to = Math.min(from + pageSize, seen.length);
  return { items: seen.slice(from, to), hasBefore: from > 0, hasAfter: to < seen.length };
};

const after = (seen: readonly Message[], seq: number): number => seen.filter((message) => message.seq <= seq).length;

const looked = (copy: Copy, truth: Truth, { kind, place }: Look, most: number): Copy => {
  const { from, to, hasBefore } = copy.window;
  const apply = (direction: Direction, page: History): Copy =>
    trimmed(withPage(copy, direction, page, [], me), most, direction === 'older' ? 'oldest' : 'newest', me);
  switch (kind) {
    case 'latest':
      return apply(
        'latest',
        pageOf(truth, (seen) => seen.length - pageSize),
      );
    case 'around':
      return apply(
        'around',
        pageOf(truth, (seen) => Math.min(after(seen, place), seen.length - 1) - 2),
      );
    case 'older': {
      if (!hasBefore) return copy;
      const page = pageOf(truth, (seen) => after(seen, from) - pageSize);
      return apply('older', { ...page, items: page.items.filter(({ seq }) => seq <= from) });
    }
    case 'newer': {
      if (to === null) return copy;
      return apply(
        'newer',
        pageOf(truth, (seen) => after(seen, to)),
      );
    }
    case 'close':
      return closed(copy, 2, me);
    default:
      return copy;
  }
};

/** What the window should show of what lies between its ends. */
const missingIn = ({ window }: Copy, { messages, hidden }: Truth): readonly number[] => {
  const last = window.to ?? window.messages.at(-1)?.seq ?? 0;
  const shown = new Set(window.messages.map(({ seq }) => seq));
  const visible = messages.filter(({ seq, messageId }) => seq > window.from && seq <= last && !hidden.has(messageId));
  return visible.map(({ seq }) => seq).filter((seq) => !shown.has(seq));
};

const look = record({
  kind: constantFrom('latest', 'around', 'older', 'newer', 'close', 'push', 'push'),
  place: nat(30),
});
type Look = Parameters<Parameters<typeof look.map>[0]>[0];

it('D05 they are exact once all has been pushed, whatever pages have shown before that', () => {
  let asked = 0;
  let exact = 0;
  assert(
    property(array(oneof(step, look), { maxLength: 60, size: 'max' }), nat(6), (steps, more) => {
      const most = pageSize + more;
      const truth = new Truth();
      const coming: (EventFrame | MeFrame)[] = [];
      let copy: Copy = copyOfItem(truth.item);
      const push = (): void => {
        for (const frame of coming.splice(0)) {
          copy = frame.type === 'me' ? applyMe(copy, frame, me) : applyEvent(copy, frame, me);
          if (copy.window.to === null) copy = trimmed(copy, most, 'newest', me);
        }
      };
      for (const each of steps) {
        if ('mentioned' in each) coming.push(...framesOf(truth, each).filter((frame) => frame !== undefined));
        else if (each.kind === 'push') push();
        else copy = looked(copy, truth, each, most);
        expect(missingIn(copy, truth)).toEqual([]);
      }
      push();
      if (copy.isStale) {
        asked += 1;
        copy = refreshed(copy, truth.item, false);
      } else exact += 1;
      expect(countsOf(copy, me)).toEqual(truth.counts);
    }),
    { numRuns: 2_000 },
  );
  expect(exact).toBeGreaterThan(asked);
});
