import { describe, expect, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { conversation } from '../../../domain/conversation/decider.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import type { ConversationState } from '../../../domain/conversation/state.ts';
import { fold } from '../../../domain/decider.ts';
import {
  ann,
  by,
  cat,
  deleted,
  given,
  hello,
  hidden,
  id,
  known,
  oldId,
  reacted,
  send,
  sent,
  started,
  time,
} from './fixtures.ts';

const held = (state: ConversationState): string[] =>
  state.status === 'absent' ? [] : [...state.messages.keys()].toSorted();
const heldAfter = (...history: readonly ConversationEvent[]): string[] => held(fold(conversation, history));
const pin = (messageId: string): ConversationCommand => ({ type: 'PinMessage', data: { messageId } });

describe('a message id', () => {
  it('made within the last ten minutes or up to a day ahead needs no look-up', () => {
    for (const messageId of [id(1, 90.1), id(1, 100), id(1, 100 + 24 * 60)]) {
      given(started())
        .when(send(messageId), by(cat, 100))
        .thenEvents(sent(messageId, 1, hello, { at: time(100) }));
      given(started()).when(pin(messageId), by(cat, 100)).thenRefused('message/not-found');
    }
  });
  it.each([
    ['older', id(1, 90)],
    ['further ahead', id(1, 101 + 24 * 60)],
    ['of another version', oldId(1)],
  ])('that is %s is looked up', (_, messageId) => {
    given(started()).when(send(messageId), by(cat, 100)).thenRecalls(messageId);
    given(started()).when(pin(messageId), by(cat, 100)).thenRecalls(messageId);
  });
  it('is looked up together with those that the message names', () => {
    const content = { text: 'yes', replyTo: oldId(2), thread: oldId(3) };
    given(started())
      .when(send(oldId(1), content), by(cat))
      .thenRecalls(oldId(1), oldId(2), oldId(3));
    given(started())
      .when(send(id(1), { ...content, thread: oldId(2) }), by(cat))
      .thenRecalls(oldId(2));
  });
  it('that is known already needs none of those', () => {
    const content = { text: 'yes', replyTo: oldId(2) };
    given(started(), sent(id(1), 1, content))
      .when(send(id(1), content), by(cat))
      .thenNothing();
  });
});

describe('what was recalled', () => {
  const lookedUp = { status: 'absent', messageId: oldId(1) } as const;
  it('lets a message be sent that never was', () =>
    given(started())
      .knowing(lookedUp)
      .when(send(oldId(1)), by(cat))
      .thenEvents(sent(oldId(1), 1)));
  it('tells a repeat from a reuse', () => {
    const again = given(started()).knowing(known(oldId(1), 1));
    again.when(send(oldId(1)), by(cat)).thenNothing();
    again.when(send(oldId(1), { text: 'bye' }), by(cat)).thenRefused('message/id-reused');
    again.when(send(oldId(1)), by(ann)).thenRefused('message/id-reused');
  });
  it('lets a message be changed', () =>
    given(started(), sent(id(2), 1))
      .knowing(known(oldId(1), 1))
      .when(pin(oldId(1)), by(cat))
      .thenEvents({ type: 'MessagePinned', data: { messageId: oldId(1), seq: 1, by: cat, at: time(1) } }));
  it('does not displace what the state holds by now', () =>
    given(started(), sent(id(1), 1), deleted(1))
      .knowing(known(id(1), 1))
      .when(pin(id(1)), by(cat))
      .thenRefused('message/not-found'));
  it('stays through a later event of a batch, however long ago the one before was', () => {
    const begun = fold(conversation, [started()]);
    const recalled = conversation.recall?.(begun, [known(oldId(1), 1)]) ?? begun;
    const after = conversation.evolve(recalled, sent(id(5, 1_000), 2, hello, { at: time(1_000) }));
    expect(held(after)).toContain(oldId(1));
    const later = conversation.evolve(after, sent(id(6, 1_011), 3, hello, { at: time(1_011) }));
    expect(held(later)).toEqual([id(6, 1_011)]);
  });
  it('does not pile up while no event follows', () => {
    const begun = fold(conversation, [started()]);
    const facts = Array.from({ length: 5_000 }, (_, n) => ({ status: 'absent' as const, messageId: oldId(n) }));
    const state = facts.reduce((before, fact) => conversation.recall?.(before, [fact]) ?? before, begun);
    expect(held(state)).toEqual(facts.slice(-1_024).map(({ messageId }) => messageId));
  });
});

describe('the window', () => {
  const at = (minutes: number) => ({ at: time(minutes) });
  const last = sent(id(9, 11.5), 9, hello, at(11.5));

  it('holds a message for ten minutes after it was sent', () => {
    expect(heldAfter(started(), sent(id(1, 1), 1, hello, at(1)), sent(id(2, 11), 2, hello, at(11)))).toHaveLength(2);
    expect(heldAfter(started(), sent(id(1, 1), 1, hello, at(1)), last)).toEqual([id(9, 11.5)]);
  });
  it('holds a message for ten minutes after it was touched', () => {
    const touched = reacted(1, cat, '👍', time(5));
    const history = [started(), sent(id(1), 1), touched];
    expect(heldAfter(...history, last)).toEqual([id(1), id(9, 11.5)]);
    expect(heldAfter(...history, sent(id(9, 16), 2, hello, at(16)))).toEqual([id(9, 16)]);
  });
  it('does not let go of a message by the very event that touches it, however late', () =>
    expect(heldAfter(started(), sent(id(1), 1), reacted(1, cat, '👍', time(500)))).toEqual([id(1)]));
  it('holds a message until the time in its id has left it', () => {
    const early = sent(id(1, 600), 1, hello, at(1));
    given(started(), early, sent(id(2, 605), 2, hello, at(605)))
      .when(send(id(1, 600)), by(cat, 609))
      .thenNothing();
    expect(heldAfter(started(), early, sent(id(2, 611), 2, hello, at(611)))).toEqual([id(2, 611)]);
  });
  it('lets go of others though one with a future id stays', () => {
    const early = sent(id(1, 600), 1, hello, at(1));
    expect(heldAfter(started(), early, sent(id(2), 2), sent(id(3), 3), last)).toEqual([id(9, 11.5), id(1, 600)]);
  });
  it('ignores what happens to a message that it no longer holds', () =>
    expect(heldAfter(started(), hidden(1, cat), deleted(2))).toEqual([]));
});
