import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import { defaultSettings } from '../../../domain/conversation/values.ts';
import { ann, bob, by, cat, channel, closed, dan, direct, eve, given, media, started, time } from './fixtures.ts';

const change = (data: Extract<ConversationCommand, { type: 'ChangeConversation' }>['data']): ConversationCommand => ({
  type: 'ChangeConversation',
  data,
});
const close: ConversationCommand = { type: 'CloseConversation', data: {} };

describe('ChangeConversation', () => {
  it('tells only what differs, the settings whole', () =>
    given(started())
      .when(change({ name: 'tea', topic: 'black', avatarMediaId: media, settings: { whoMayAdd: 'admins' } }), by(bob))
      .thenEvents({
        type: 'ConversationChanged',
        data: {
          by: bob,
          settings: { ...defaultSettings, whoMayAdd: 'admins' },
          avatarMediaId: media,
          content: { topic: 'black' },
          at: time(1),
        },
      }));
  it('has no further effect when nothing differs', () =>
    given(started())
      .when(change({ name: 'tea', topic: null, avatarMediaId: null, settings: { mode: 'kept' } }), by(ann))
      .thenNothing());
  it('has no further effect when repeated after closing', () =>
    given(started(), closed())
      .when(change({ name: 'tea' }), by(ann))
      .thenNothing());
  it('is refused after closing', () =>
    given(started(), closed())
      .when(change({ name: 'rum' }), by(ann))
      .thenRefused('conversation/closed'));
  it('clears a topic', () =>
    given(started(), {
      type: 'ConversationChanged',
      data: { by: ann, content: { topic: 'green' }, at: time(1) },
    })
      .when(change({ topic: null }), by(ann))
      .thenEvents({ type: 'ConversationChanged', data: { by: ann, content: { topic: null }, at: time(1) } }));
  it.each([
    ['a member', cat],
    ['a reader', dan],
  ])('is refused for %s', (_, actor) =>
    given(started())
      .when(change({ name: 'rum' }), by(actor))
      .thenRefused('auth/forbidden'),
  );
  it('does not exist for a stranger', () =>
    given(started())
      .when(change({ name: 'rum' }), by(eve))
      .thenRefused('conversation/not-found'));
  it('is for members only in a channel', () =>
    given(channel())
      .when(change({ name: 'rum' }), by(eve))
      .thenRefused('conversation/not-a-member'));
  it('does not exist before the start', () =>
    given()
      .when(change({ name: 'rum' }), by(ann))
      .thenRefused('conversation/not-found'));

  describe('in a direct conversation', () => {
    it('sets how long messages are kept, by either of the two', () =>
      given(direct())
        .when(change({ settings: { retentionSeconds: 60 } }), by(bob))
        .thenEvents({
          type: 'ConversationChanged',
          data: { by: bob, settings: { ...defaultSettings, retentionSeconds: 60 }, at: time(1) },
        }));
    it.each([
      ['name', { name: 'us' }],
      ['topic', { topic: 'us' }],
      ['avatar', { avatarMediaId: media }],
      ['other settings', { settings: { retentionSeconds: 60, history: 'since-joining' as const } }],
    ])('is refused for %s', (_, data) => given(direct()).when(change(data), by(ann)).thenRefused('auth/forbidden'));
  });
});

describe('CloseConversation', () => {
  it('is for the owner', () => given(started()).when(close, by(ann)).thenEvents(closed(ann)));
  it('has no further effect when repeated', () => given(started(), closed()).when(close, by(ann)).thenNothing());
  it('is refused for an admin', () => given(started()).when(close, by(bob)).thenRefused('auth/forbidden'));
  it('is refused in a direct conversation', () => given(direct()).when(close, by(ann)).thenRefused('auth/forbidden'));
  it('does not exist for a stranger', () =>
    given(started()).when(close, by(eve)).thenRefused('conversation/not-found'));
});
