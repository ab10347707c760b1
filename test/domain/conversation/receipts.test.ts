import { describe, expect, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { conversation } from '../../../domain/conversation/decider.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { fold } from '../../../domain/decider.ts';
import {
  added,
  by,
  bob,
  cat,
  closed,
  dan,
  device,
  eve,
  given,
  id,
  receipts,
  sent,
  started,
  tablet,
  time,
  viewed,
} from './fixtures.ts';

const record = (data: { delivered?: number; read?: number }, deviceId = device): ConversationCommand => ({
  type: 'RecordReceipt',
  data: { deviceId, ...data },
});
const mine = { userId: dan, deviceId: device };
const history = [started(), sent(id(1), 1), sent(id(2), 2), sent(id(3), 3)];

describe('RecordReceipt', () => {
  it('tells how far a device has got', () => {
    given(...history)
      .when(record({ delivered: 2 }), by(dan))
      .thenEvents(receipts({ ...mine, delivered: 2 }));
    given(...history)
      .when(record({ delivered: 3, read: 2 }), by(dan))
      .thenEvents(receipts({ ...mine, delivered: 3, read: 2 }));
  });
  it('implies delivered by read', () =>
    given(...history)
      .when(record({ read: 2 }), by(dan))
      .thenEvents(receipts({ ...mine, delivered: 2, read: 2 })));
  it('tells only what advanced', () =>
    given(...history, receipts({ ...mine, delivered: 3, read: 1 }))
      .when(record({ delivered: 2, read: 2 }), by(dan))
      .thenEvents(receipts({ ...mine, read: 2 })));
  it('never goes back', () => {
    const read = [...history, receipts({ ...mine, delivered: 2, read: 2 })];
    given(...read)
      .when(record({ delivered: 1, read: 1 }), by(dan))
      .thenNothing();
    given(...read)
      .when(record({ delivered: 2, read: 2 }), by(dan))
      .thenNothing();
    given(...read, closed())
      .when(record({ read: 2 }), by(dan))
      .thenNothing();
  });
  it('never goes beyond the last message', () => {
    given(...history)
      .when(record({ delivered: 9, read: 9 }), by(dan))
      .thenEvents(receipts({ ...mine, delivered: 3, read: 3 }));
    given(started())
      .when(record({ read: 1 }), by(dan))
      .thenNothing();
  });
  it('has no effect with zero or nothing', () => {
    given(...history)
      .when(record({ delivered: 0, read: 0 }), by(dan))
      .thenNothing();
    given(...history)
      .when(record({}), by(dan))
      .thenNothing();
  });
  it('is of each device on its own', () =>
    given(...history, receipts({ ...mine, delivered: 3, read: 3 }))
      .when(record({ read: 2 }, tablet), by(dan))
      .thenEvents(receipts({ userId: dan, deviceId: tablet, delivered: 2, read: 2 })));
  it('ends a view that was set back, though the pointer was as far before', () => {
    const setBack = [...history, receipts({ ...mine, delivered: 3, read: 3 }), viewed(dan, { unreadFrom: 2 })];
    given(...setBack)
      .when(record({ read: 1 }), by(dan))
      .thenEvents(receipts({ ...mine, read: 3 }));
    given(...setBack)
      .when(record({ delivered: 3 }), by(dan))
      .thenNothing();
    given(...setBack)
      .when(record({ read: 0 }), by(dan))
      .thenNothing();
    given(...setBack, receipts({ ...mine, read: 3 }))
      .when(record({ read: 3 }), by(dan))
      .thenNothing();
  });
  it('tells in a conversation of more than 100 members only how far somebody has read', () => {
    const crowd = Array.from({ length: 101 }, (_, n) => `019b0000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`);
    const inCrowd = (size: number) =>
      given(
        started({ members: Object.fromEntries(crowd.slice(0, size).map((userId) => [userId, 'member'])) }),
        sent(id(1), 1),
        sent(id(2), 2),
      );
    const first = { userId: crowd[0]!, deviceId: device };
    inCrowd(100)
      .when(record({ delivered: 2, read: 1 }), by(first.userId))
      .thenEvents(receipts({ ...first, delivered: 2, read: 1 }));
    inCrowd(101)
      .when(record({ delivered: 2, read: 1 }), by(first.userId))
      .thenEvents(receipts({ ...first, read: 1 }));
    inCrowd(101)
      .when(record({ delivered: 2 }), by(first.userId))
      .thenNothing();
  });
  it('is refused after closing', () =>
    given(...history, closed())
      .when(record({ read: 3 }), by(dan))
      .thenRefused('conversation/closed'));
  it('does not exist for a stranger', () =>
    given(...history)
      .when(record({ read: 3 }), by(eve))
      .thenRefused('conversation/not-found'));
});

describe('the pointers of a member', () => {
  const pointers = (userId: string, ...events: readonly ConversationEvent[]) => {
    const state = fold(conversation, events);
    const member = state.status === 'absent' ? undefined : state.members.get(userId);
    return [member?.deliveredSeq, member?.readSeq, member?.unreadFrom];
  };
  it('are the furthest of all devices', () =>
    expect(
      pointers(
        dan,
        ...history,
        receipts({ ...mine, delivered: 2, read: 2 }),
        receipts({ ...mine, deviceId: tablet, delivered: 3, read: 1 }),
      ),
    ).toEqual([3, 2, null]));
  it('begin at the last message before joining', () =>
    expect(pointers(eve, ...history, added(eve, { joinedSeq: 3 }))).toEqual([3, 3, null]));
  it('move with the own sends, which end a view that was set back', () =>
    expect(pointers(cat, ...history, viewed(cat, { unreadFrom: 1 }), sent(id(4), 4))).toEqual([4, 4, null]));
});

describe('adjacent receipts', () => {
  const at = { at: time(2) };
  const later = (...entries: Parameters<typeof receipts>) => {
    const event = receipts(...entries);
    return { ...event, data: { ...event.data, ...at } } as typeof event;
  };
  it('become one event, each device in it once and as far as it got', () =>
    expect(
      conversation.merge?.(
        receipts({ ...mine, delivered: 2 }, { userId: bob, deviceId: tablet, delivered: 1, read: 1 }),
        later({ ...mine, delivered: 3, read: 3 }, { userId: dan, deviceId: tablet, delivered: 1 }),
      ),
    ).toEqual(
      later(
        { ...mine, delivered: 3, read: 3 },
        { userId: bob, deviceId: tablet, delivered: 1, read: 1 },
        { userId: dan, deviceId: tablet, delivered: 1 },
      ),
    ));
  it('stay apart from other events', () => {
    expect(conversation.merge?.(receipts({ ...mine, read: 1 }), sent(id(1), 1))).toBeUndefined();
    expect(conversation.merge?.(sent(id(1), 1), receipts({ ...mine, read: 1 }))).toBeUndefined();
  });
});
