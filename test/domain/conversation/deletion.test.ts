import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import {
  added,
  ann,
  bob,
  by,
  cat,
  cleared,
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
  roleChanged,
  sent,
  started,
} from './fixtures.ts';

const remove: ConversationCommand = { type: 'DeleteMessage', data: { messageId: id(1) } };
const hide: ConversationCommand = { type: 'HideMessage', data: { messageId: id(1) } };
const history = [started(), sent(id(1), 1)];

describe('DeleteMessage', () => {
  it.each([
    ['its author', cat],
    ['an admin', bob],
    ['an owner', ann],
  ])('is for %s', (_, actor) =>
    given(...history)
      .when(remove, by(actor))
      .thenEvents(deleted(1, actor)),
  );
  it('is for its author also as a reader', () =>
    given(...history, roleChanged(cat, 'reader'))
      .when(remove, by(cat))
      .thenEvents(deleted(1, cat)));
  it('is refused for others', () => {
    given(...history)
      .when(remove, by(dan))
      .thenRefused('auth/forbidden');
    given(...history, roleChanged(dan, 'member'))
      .when(remove, by(dan))
      .thenRefused('auth/forbidden');
  });
  it('is for the author alone in a direct conversation', () => {
    const said = [direct(), sent(id(1), 1, hello, { senderId: ann })];
    given(...said)
      .when(remove, by(ann))
      .thenEvents(deleted(1, ann));
    given(...said)
      .when(remove, by(bob))
      .thenRefused('auth/forbidden');
  });
  it('tells the mentions that the message had last', () => {
    const mentioning = sent(id(1), 1, { ...hello, mentions: [bob] });
    given(started(), mentioning)
      .when(remove, by(cat))
      .thenEvents(deleted(1, cat, { mentions: [bob] }));
    given(started(), mentioning, edited(1, { mentions: [dan], previousMentions: [bob] }))
      .when(remove, by(cat))
      .thenEvents(deleted(1, cat, { mentions: [dan] }));
  });
  it('has no further effect when repeated, also after closing', () => {
    given(...history, deleted(1))
      .when(remove, by(cat))
      .thenNothing();
    given(...history, deleted(1), closed())
      .when(remove, by(cat))
      .thenNothing();
  });
  it('is refused after closing', () =>
    given(...history, closed())
      .when(remove, by(cat))
      .thenRefused('conversation/closed'));
  it('does not find one that the actor cannot see', () => {
    given(started()).when(remove, by(cat)).thenRefused('message/not-found');
    given(...history, hidden(1, cat))
      .when(remove, by(cat))
      .thenRefused('message/not-found');
    given(...history, cleared(cat, 1))
      .when(remove, by(cat))
      .thenRefused('message/not-found');
  });
});

describe('HideMessage', () => {
  it('is for everyone who sees the message', () =>
    given(...history)
      .when(hide, by(dan))
      .thenEvents(hidden(1, dan)));
  it('is for a deleted message as well', () =>
    given(...history, deleted(1))
      .when(hide, by(dan))
      .thenEvents(hidden(1, dan)));
  it('is for each on his own', () =>
    given(...history, hidden(1, cat))
      .when(hide, by(dan))
      .thenEvents(hidden(1, dan)));
  it('has no further effect when repeated, also after closing', () => {
    given(...history, hidden(1, dan))
      .when(hide, by(dan))
      .thenNothing();
    given(...history, hidden(1, dan), closed())
      .when(hide, by(dan))
      .thenNothing();
  });
  it('is refused after closing', () =>
    given(...history, closed())
      .when(hide, by(dan))
      .thenRefused('conversation/closed'));
  it('does not find one that the actor cannot see', () => {
    given(started()).when(hide, by(dan)).thenRefused('message/not-found');
    given(...history, cleared(dan, 1))
      .when(hide, by(dan))
      .thenRefused('message/not-found');
    given(started({ settings: { history: 'since-joining' } }), sent(id(1), 1), added(eve, { joinedSeq: 1 }))
      .when(hide, by(eve))
      .thenRefused('message/not-found');
  });
  it('does not exist for a stranger', () =>
    given(...history)
      .when(hide, by(eve))
      .thenRefused('conversation/not-found'));
});
