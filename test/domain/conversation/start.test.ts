import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { defaultSettings } from '../../../domain/conversation/values.ts';
import { ann, bob, by, cat, closed, conversationId, direct, given, started, time } from './fixtures.ts';

const start = (
  over: Partial<Extract<ConversationCommand, { type: 'StartConversation' }>['data']> = {},
): ConversationCommand => ({
  type: 'StartConversation',
  data: { conversationId, kind: 'group', name: 'tea', topic: 'green', memberIds: [bob], settings: {}, ...over },
});

describe('StartConversation', () => {
  it('makes the creator its owner and the others members, each once', () =>
    given()
      .when(start({ memberIds: [bob, ann, cat, bob], settings: { whoMaySend: 'admins' } }), by(ann))
      .thenEvents({
        type: 'ConversationStarted',
        data: {
          conversationId,
          kind: 'group',
          startedBy: ann,
          members: [
            { userId: ann, role: 'owner' },
            { userId: bob, role: 'member' },
            { userId: cat, role: 'member' },
          ],
          settings: { ...defaultSettings, whoMaySend: 'admins' },
          content: { name: 'tea', topic: 'green' },
          at: time(1),
        },
      }));
  it('has no further effect when repeated', () => given(started()).when(start(), by(ann)).thenNothing());
  it('has no further effect when repeated after closing', () =>
    given(started(), closed()).when(start(), by(ann)).thenNothing());
  it('is refused for an id that someone else has used', () =>
    given(started()).when(start(), by(bob)).thenRefused('conversation/id-reused'));
  it('is refused for an id of another kind', () =>
    given(started())
      .when(start({ kind: 'channel' }), by(ann))
      .thenRefused('conversation/id-reused'));
  it('is refused with more members than it may have, the creator counted', () =>
    given()
      .when(start({ memberIds: [bob, cat], settings: { maxMembers: 2 } }), by(ann))
      .thenRefused('conversation/full'));
  it('is accepted with as many as it may have', () =>
    given()
      .when(start({ memberIds: [bob], settings: { maxMembers: 2 } }), by(ann))
      .thenEvents({
        type: 'ConversationStarted',
        data: {
          conversationId,
          kind: 'group',
          startedBy: ann,
          members: [
            { userId: ann, role: 'owner' },
            { userId: bob, role: 'member' },
          ],
          settings: { ...defaultSettings, maxMembers: 2 },
          content: { name: 'tea', topic: 'green' },
          at: time(1),
        },
      }));
});

describe('StartDirect', () => {
  const startDirect = (userId: string): ConversationCommand => ({
    type: 'StartDirect',
    data: { conversationId, userId },
  });
  it('has two members and no owner', () =>
    given()
      .when(startDirect(bob), by(ann))
      .thenEvents({
        type: 'ConversationStarted',
        data: {
          conversationId,
          kind: 'direct',
          startedBy: ann,
          members: [
            { userId: ann, role: 'member' },
            { userId: bob, role: 'member' },
          ],
          settings: defaultSettings,
          content: { name: null, topic: null },
          at: time(1),
        },
      }));
  it.each([
    ['the same', ann, bob],
    ['the other', bob, ann],
  ])('has no further effect when asked for again by %s of the two', (_, actor, other) =>
    given(direct()).when(startDirect(other), by(actor)).thenNothing(),
  );
  it('is refused with oneself', () => given().when(startDirect(ann), by(ann)).thenRefused('request/invalid'));
  it('is refused where a group has taken the id', () =>
    given(started()).when(startDirect(bob), by(ann)).thenRefused('conversation/id-reused'));
});
