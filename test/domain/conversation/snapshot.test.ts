import { expect, it } from 'vitest';
import { conversation } from '../../../domain/conversation/decider.ts';
import { fromSnapshot, toSnapshot } from '../../../domain/conversation/snapshot.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { fold } from '../../../domain/decider.ts';
import { bob, cat, edited, id, oldId, send, by, sent, started, time } from './fixtures.ts';

it('holds nothing of what was written into messages', () => {
  const content = { text: 'a secret', custom: { note: 'another secret' }, mentions: [bob] };
  const state = fold(conversation, [started(), sent(id(1), 1, content), edited(1, { content: { text: 'a third' } })]);
  const text = JSON.stringify(toSnapshot(state));
  expect(text).toContain(id(1));
  for (const written of ['secret', 'note', 'third']) expect(text).not.toContain(written);
});

it('holds a conversation that has not begun', () => {
  const restored = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(conversation.initialState))));
  expect(restored).toEqual(conversation.initialState);
});

it('still knows what was recalled', () => {
  const begun = fold(conversation, [started()]);
  const recalled = conversation.recall?.(begun, [{ status: 'absent', messageId: oldId(1) }]) ?? begun;
  const restored = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(recalled))));
  expect(conversation.decide(send(oldId(1)), restored, by(cat))).toEqual([sent(oldId(1), 1)]);
});

it('keeps no invites that had expired when the last one was made', () => {
  const invites = Array.from({ length: 500 }, (_, n): ConversationEvent => {
    const data = { inviteId: oldId(n), by: cat, expiresAt: time(n + 2.5), maxUses: null, at: time(n) };
    return { type: 'InviteCreated', data };
  });
  const state = fold(conversation, [started(), ...invites]);
  const kept = state.status === 'absent' ? [] : [...state.invites.keys()].toSorted();
  expect(kept).toEqual([oldId(497), oldId(498), oldId(499)]);
});
