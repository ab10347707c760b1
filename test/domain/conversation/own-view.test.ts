import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import {
  by,
  cat,
  cleared,
  closed,
  dan,
  device,
  eve,
  given,
  id,
  receipts,
  sent,
  started,
  time,
  viewed,
} from './fixtures.ts';

const view = (data: Extract<ConversationCommand, { type: 'ChangeOwnView' }>['data']): ConversationCommand => ({
  type: 'ChangeOwnView',
  data,
});
const clear: ConversationCommand = { type: 'ClearHistory', data: {} };
const read = (seq: number) => receipts({ userId: dan, deviceId: device, delivered: seq, read: seq });
const history = [started(), sent(id(1), 1), sent(id(2), 2), sent(id(3), 3)];

describe('ChangeOwnView', () => {
  it('tells only what differs', () =>
    given(started(), viewed(dan, { pinned: true }))
      .when(view({ pinned: true, archived: true, mutedUntil: 'forever' }), by(dan))
      .thenEvents(viewed(dan, { archived: true, mutedUntil: 'forever' })));
  it('has no further effect when nothing differs, also after closing', () => {
    const muted = viewed(dan, { mutedUntil: time(60) });
    given(started(), muted, closed())
      .when(view({ mutedUntil: time(60), pinned: false, archived: false }), by(dan))
      .thenNothing();
    given(started()).when(view({}), by(dan)).thenNothing();
    given(started(), muted)
      .when(view({ mutedUntil: null }), by(dan))
      .thenEvents(viewed(dan, { mutedUntil: null }));
  });
  it('is of each member on his own', () =>
    given(started(), viewed(cat, { pinned: true }))
      .when(view({ pinned: true }), by(dan))
      .thenEvents(viewed(dan, { pinned: true })));
  it('is refused after closing', () =>
    given(started(), closed())
      .when(view({ pinned: true }), by(dan))
      .thenRefused('conversation/closed'));
  it('does not exist for a stranger', () =>
    given(started())
      .when(view({ pinned: true }), by(eve))
      .thenRefused('conversation/not-found'));

  describe('unreadFrom', () => {
    it('sets the read pointer back', () =>
      given(...history, read(3))
        .when(view({ unreadFrom: 2 }), by(dan))
        .thenEvents(viewed(dan, { unreadFrom: 2 })));
    it('moves while it is set, up to where the pointer stands', () => {
      const setBack = [...history, read(2), viewed(dan, { unreadFrom: 1 })];
      given(...setBack)
        .when(view({ unreadFrom: 1 }), by(dan))
        .thenNothing();
      given(...setBack)
        .when(view({ unreadFrom: 2 }), by(dan))
        .thenEvents(viewed(dan, { unreadFrom: 2 }));
      given(started(), sent(id(1), 1), sent(id(2), 2), read(1), viewed(dan, { unreadFrom: 1 }), sent(id(3), 3))
        .when(view({ unreadFrom: 3 }), by(dan))
        .thenEvents(viewed(dan, { unreadFrom: 2 }));
    });
    it('reads nothing that was unread', () =>
      given(...history, read(1))
        .when(view({ unreadFrom: 3 }), by(dan))
        .thenNothing());
    it('must be the seq of a message', () => {
      given(...history)
        .when(view({ unreadFrom: 4 }), by(dan))
        .thenRefused('request/invalid');
      given(...history)
        .when(view({ unreadFrom: 0 }), by(dan))
        .thenRefused('request/invalid');
    });
    it('can be set again after it was ended', () =>
      given(...history, read(3), viewed(dan, { unreadFrom: 2 }), read(3))
        .when(view({ unreadFrom: 2 }), by(dan))
        .thenEvents(viewed(dan, { unreadFrom: 2 })));
  });
});

describe('ClearHistory', () => {
  it('reaches up to now', () =>
    given(...history)
      .when(clear, by(dan))
      .thenEvents(cleared(dan, 3)));
  it('has no further effect when nothing is new, also after closing', () => {
    given(...history, cleared(dan, 3))
      .when(clear, by(dan))
      .thenNothing();
    given(...history, cleared(dan, 3), closed())
      .when(clear, by(dan))
      .thenNothing();
    given(started()).when(clear, by(dan)).thenNothing();
  });
  it('reaches what is new', () =>
    given(...history, cleared(dan, 3), sent(id(4), 4))
      .when(clear, by(dan))
      .thenEvents(cleared(dan, 4)));
  it('is refused after closing', () =>
    given(...history, closed())
      .when(clear, by(dan))
      .thenRefused('conversation/closed'));
  it('does not exist for a stranger', () =>
    given(...history)
      .when(clear, by(eve))
      .thenRefused('conversation/not-found'));
});
