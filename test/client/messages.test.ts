import { describe, expect, it } from 'vitest';
import type { EventFrame } from '../../client/frames.ts';
import { evolveMessages, withMessage } from '../../client/store/messages.ts';
import type { EventBody } from '../../realtime/protocol.ts';
import type { Message } from '../../schemas/message.ts';

const message = (seq: number, changed: Partial<Message> = {}): Message => ({
  messageId: `m${seq}`,
  conversationId: 'c',
  seq,
  revision: seq,
  senderId: 'other',
  sentAt: 't',
  editedAt: null,
  deletedAt: null,
  text: 'text',
  attachments: [],
  replyTo: null,
  thread: null,
  replyCount: 0,
  lastReplyAt: null,
  forwardedFrom: null,
  mentions: [],
  reactions: [],
  pinned: false,
  expiresAt: null,
  custom: null,
  state: null,
  ...changed,
});
const frame = (revision: number, event: EventBody): EventFrame => ({
  type: 'event',
  conversationId: 'c',
  revision,
  position: '',
  at: 't',
  event,
});

describe('messages', () => {
  it('keep their order and the newest word, however they come', () => {
    const orders = [
      [message(1), message(2, { revision: 9 }), message(3)],
      [message(3), message(2), message(2, { revision: 9 }), message(1)],
      [message(2, { revision: 9 }), message(3), message(2), message(1), message(3)],
    ];
    for (const order of orders) {
      const messages = order.reduce<readonly Message[]>(withMessage, []);
      expect(messages.map(({ seq, revision }) => [seq, revision])).toEqual([
        [1, 1],
        [2, 9],
        [3, 3],
      ]);
    }
  });

  it('are the same list where an event is in them already', () => {
    const messages = [message(1, { revision: 5 })];
    expect(evolveMessages(messages, frame(5, { type: 'pinned', messageId: 'm1', by: 'other' }), 'me')).toBe(messages);
    expect(evolveMessages(messages, frame(6, { type: 'pinned', messageId: 'm2', by: 'other' }), 'me')).toBe(messages);
  });

  it('tell whose a reaction is, though it was counted before its event came', () => {
    // As pushed with an edit of revision 2, newer than that: the reaction of revision 3 is in it.
    const reactions = [{ emoji: '👍', count: 2, mine: null }];
    const edited = frame(2, { type: 'messageEdited', message: message(1, { revision: 3, reactions }) });
    const before = evolveMessages([message(1)], edited, 'me');
    expect(before[0]!.reactions).toEqual([{ emoji: '👍', count: 2, mine: false }]);
    const added = frame(3, { type: 'reactionAdded', messageId: 'm1', userId: 'me', emoji: '👍' });
    const after = evolveMessages(before, added, 'me');
    expect(after[0]!.reactions).toEqual([{ emoji: '👍', count: 2, mine: true }]);
    const removed = frame(4, { type: 'reactionRemoved', messageId: 'm1', userId: 'me', emoji: '👍' });
    expect(evolveMessages(after, removed, 'me')[0]!.reactions).toEqual([{ emoji: '👍', count: 1, mine: false }]);
  });
});
