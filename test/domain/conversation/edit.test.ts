import { describe, it } from 'vitest';
import type { ConversationCommand, MessageContent } from '../../../domain/conversation/commands.ts';
import {
  ann,
  bob,
  by,
  cat,
  channel,
  closed,
  dan,
  deleted,
  direct,
  edited,
  eve,
  given,
  hello,
  hidden,
  id,
  known,
  media,
  oldId,
  roleChanged,
  sent,
  started,
  time,
} from './fixtures.ts';

const edit = (content: MessageContent, messageId = id(1)): ConversationCommand => ({
  type: 'EditMessage',
  data: { messageId, content },
});
const full = { text: 'hello', attachments: [{ mediaId: media }], mentions: [bob], custom: { a: 1 } };
const history = [started(), sent(id(1), 1, full)];

describe('EditMessage', () => {
  it('replaces only what is given and differs', () =>
    given(...history)
      .when(edit({ ...full, text: 'bye' }), by(cat))
      .thenEvents(edited(1, { content: { text: 'bye' } })));
  it('tells the mentions before beside those after', () =>
    given(...history)
      .when(edit({ mentions: [dan, 'everyone', dan] }), by(cat))
      .thenEvents(edited(1, { mentions: [dan, 'everyone'], previousMentions: [bob] })));
  it('clears what is null', () =>
    given(...history)
      .when(edit({ text: null, attachments: null, mentions: null }), by(cat))
      .thenEvents(edited(1, { content: { text: null }, attachments: [], mentions: [], previousMentions: [bob] })));
  it('compares with the last edit', () => {
    const after = [...history, edited(1, { content: { text: 'bye', custom: null }, attachments: [] })];
    given(...after)
      .when(edit({ text: 'bye', custom: null, attachments: [] }), by(cat))
      .thenNothing();
    given(...after)
      .when(edit({ text: 'hello', attachments: full.attachments }), by(cat))
      .thenEvents(edited(1, { content: { text: 'hello' }, attachments: full.attachments }));
  });
  it('compares with what was recalled', () => {
    const recalled = given(started()).knowing(known(oldId(1), 1));
    recalled.when(edit({ text: 'hello' }, oldId(1)), by(cat)).thenNothing();
    recalled
      .when(edit({ text: 'bye' }, oldId(1)), by(cat))
      .thenEvents(edited(1, { messageId: oldId(1), content: { text: 'bye' } }));
  });
  it('has no further effect when nothing differs, also after closing', () => {
    given(...history)
      .when(edit({ ...full, custom: { a: 1 } }), by(cat))
      .thenNothing();
    given(...history)
      .when(edit({}), by(cat))
      .thenNothing();
    given(...history, closed())
      .when(edit(full), by(cat))
      .thenNothing();
  });
  it('must leave some content', () => {
    given(started(), sent(id(1), 1))
      .when(edit({ text: null }), by(cat))
      .thenRefused('request/invalid');
    given(...history)
      .when(edit({ text: '', attachments: [], custom: null }), by(cat))
      .thenRefused('request/invalid');
  });
  it('counts of a forwarded message what was copied', () => {
    const forwardedFrom = { conversationId: oldId(7), messageId: oldId(8) };
    const forwarded = sent(id(1), 1, { forwardedFrom }, { content: { text: 'as said', custom: null } });
    given(started(), forwarded)
      .when(edit({ mentions: [bob] }), by(cat))
      .thenEvents(edited(1, { mentions: [bob], previousMentions: [] }));
    given(started(), forwarded)
      .when(edit({ text: null }), by(cat))
      .thenRefused('request/invalid');
  });
  it('may not become too long', () => {
    given(...history)
      .when(edit({ text: 'x'.repeat(16_385) }), by(cat))
      .thenRefused('message/too-long');
    given(...history)
      .when(edit({ custom: { a: 'x'.repeat(4_096) } }), by(cat))
      .thenRefused('message/too-long');
  });

  it('is for the author alone, whatever the role of another', () => {
    given(...history)
      .when(edit({ text: 'bye' }), by(ann))
      .thenRefused('message/not-editable');
    given(...history)
      .when(edit({ text: 'hello' }), by(dan))
      .thenRefused('message/not-editable');
    given(direct(), sent(id(1), 1, hello, { senderId: ann }))
      .when(edit({ text: 'bye' }), by(bob))
      .thenRefused('message/not-editable');
  });
  it('is refused for a deleted message', () =>
    given(...history, deleted(1))
      .when(edit({ text: 'bye' }), by(cat))
      .thenRefused('message/not-editable'));
  it('does not find one that the author has deleted for himself', () =>
    given(...history, hidden(1, cat))
      .when(edit({ text: 'bye' }), by(cat))
      .thenRefused('message/not-found'));
  it('does not find one that never was', () =>
    given(started())
      .when(edit({ text: 'bye' }), by(cat))
      .thenRefused('message/not-found'));
  it('is refused for an author who may no longer send', () => {
    given(...history, roleChanged(cat, 'reader'))
      .when(edit({ text: 'bye' }), by(cat))
      .thenRefused('auth/forbidden');
    given(started({ settings: { whoMaySend: 'admins' } }), sent(id(1), 1))
      .when(edit({ text: 'bye' }), by(cat))
      .thenRefused('auth/forbidden');
  });
  it('is refused after closing', () =>
    given(...history, closed())
      .when(edit({ text: 'bye' }), by(cat))
      .thenRefused('conversation/closed'));
  it('is refused for strangers', () => {
    given(...history)
      .when(edit({ text: 'bye' }), by(eve))
      .thenRefused('conversation/not-found');
    given(channel())
      .when(edit({ text: 'bye' }), by(eve))
      .thenRefused('conversation/not-a-member');
  });
  it('carries its own time', () =>
    given(...history)
      .when(edit({ text: 'bye' }), by(cat, 5))
      .thenEvents(edited(1, { content: { text: 'bye' }, at: time(5) })));
});
