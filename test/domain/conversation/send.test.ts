import { describe, it } from 'vitest';
import type { ConversationCommand, SendContent } from '../../../domain/conversation/commands.ts';
import {
  ann,
  bob,
  by,
  cat,
  channel,
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
  added,
  id,
  media,
  removed,
  roleChanged,
  send,
  sent,
  started,
} from './fixtures.ts';

const source = { conversationId: '019b0000-0000-4000-8000-0000000000ab', messageId: id(99) };

describe('SendMessage', () => {
  it('numbers messages from one', () => {
    given(started())
      .when(send(id(1)), by(cat))
      .thenEvents(sent(id(1), 1));
    given(started(), sent(id(1), 1))
      .when(send(id(2)), by(cat))
      .thenEvents(sent(id(2), 2));
  });
  it('keeps all that the client wrote, each mention once', () => {
    const content: SendContent = {
      text: 'look',
      attachments: [{ mediaId: media }],
      mentions: [bob, 'everyone', bob],
      custom: { colour: ['red'] },
      replyTo: id(1),
      thread: id(1),
      forwardedFrom: source,
    };
    given(started(), sent(id(1), 1))
      .when(send(id(2), content), by(cat))
      .thenEvents(sent(id(2), 2, content, { mentions: [bob, 'everyone'] }));
  });
  it('needs no text beside attachments, custom fields or a forwarded message', () => {
    for (const content of [{ attachments: [{ mediaId: media }] }, { custom: { a: 1 } }, { forwardedFrom: source }]) {
      given(started())
        .when(send(id(1), content), by(cat))
        .thenEvents(sent(id(1), 1, content));
    }
  });
  it.each<[string, SendContent]>([
    ['nothing', {}],
    ['empty fields', { text: '', attachments: [], custom: null }],
    ['mentions only', { mentions: [bob] }],
    ['a reply only', { replyTo: id(1) }],
  ])('is refused with no content: %s', (_, content) =>
    given(started(), sent(id(1), 1))
      .when(send(id(2), content), by(cat))
      .thenRefused('request/invalid'),
  );

  it('copies a forwarded content in, and digests what the client sent', () => {
    const content = { forwardedFrom: source, mentions: [bob] };
    given(started())
      .when(send(id(1), content, { text: 'as said', attachments: [{ mediaId: media }], custom: { a: 1 } }), by(cat))
      .thenEvents(
        sent(id(1), 1, content, {
          content: { text: 'as said', custom: { a: 1 } },
          attachments: [{ mediaId: media }],
        }),
      );
  });

  it('takes text of 16 KiB in UTF-8 and no more', () => {
    const content = { text: '€'.repeat(5_461) + 'x' };
    given(started())
      .when(send(id(1), content), by(cat))
      .thenEvents(sent(id(1), 1, content));
    given(started())
      .when(send(id(1), { text: `${content.text}x` }), by(cat))
      .thenRefused('message/too-long');
  });
  it('takes custom fields of 4 KiB of JSON and no more', () => {
    const content = { custom: { a: 'x'.repeat(4_096 - 8) } };
    given(started())
      .when(send(id(1), content), by(cat))
      .thenEvents(sent(id(1), 1, content));
    given(started())
      .when(send(id(1), { custom: { a: `${content.custom.a}x` } }), by(cat))
      .thenRefused('message/too-long');
  });
});

describe('SendMessage again', () => {
  const history = [started(), sent(id(1), 1)];
  it('has no further effect with the same content', () =>
    given(...history)
      .when(send(id(1)), by(cat))
      .thenNothing());
  it('has no further effect after closing, nor when one may no longer send', () => {
    given(...history, closed())
      .when(send(id(1)), by(cat))
      .thenNothing();
    given(...history, roleChanged(cat, 'reader'))
      .when(send(id(1)), by(cat))
      .thenNothing();
  });
  it('has no further effect after an edit, but not with the edited content', () => {
    const changed = edited(1, { content: { text: 'bye' } });
    given(...history, changed)
      .when(send(id(1)), by(cat))
      .thenNothing();
    given(...history, changed)
      .when(send(id(1), { text: 'bye' }), by(cat))
      .thenRefused('message/id-reused');
  });
  it('has no further effect though what it replied to is gone for its sender', () => {
    const reply = { text: 'yes', replyTo: id(1) };
    given(...history, sent(id(2), 2, reply), hidden(1, cat))
      .when(send(id(2), reply), by(cat))
      .thenNothing();
  });
  it('has no further effect with any content once deleted', () =>
    given(...history, deleted(1))
      .when(send(id(1), { text: 'other' }), by(cat))
      .thenNothing());
  it.each<[string, SendContent]>([
    ['other text', { text: 'bye' }],
    ['a mention more', { ...hello, mentions: [bob] }],
    ['a reply', { ...hello, replyTo: id(1) }],
  ])('is refused with %s', (_, content) =>
    given(...history)
      .when(send(id(1), content), by(cat))
      .thenRefused('message/id-reused'),
  );
  it('is refused by another sender, also once deleted', () => {
    given(...history)
      .when(send(id(1)), by(bob))
      .thenRefused('message/id-reused');
    given(...history, deleted(1))
      .when(send(id(1)), by(bob))
      .thenRefused('message/id-reused');
  });
});

describe('who may send', () => {
  it('is no reader', () =>
    given(started())
      .when(send(id(1)), by(dan))
      .thenRefused('auth/forbidden'));
  it('is admins only where that is set', () => {
    const opening = started({ settings: { whoMaySend: 'admins' } });
    given(opening)
      .when(send(id(1)), by(cat))
      .thenRefused('auth/forbidden');
    given(opening)
      .when(send(id(1)), by(bob))
      .thenEvents(sent(id(1), 1, hello, { senderId: bob }));
  });
  it('is both in a direct conversation', () =>
    given(direct())
      .when(send(id(1)), by(bob))
      .thenEvents(sent(id(1), 1, hello, { senderId: bob })));
  it('is nobody after closing', () =>
    given(started(), closed())
      .when(send(id(1)), by(ann))
      .thenRefused('conversation/closed'));
  it('is no stranger, who learns of channels only', () => {
    given(started())
      .when(send(id(1)), by(eve))
      .thenRefused('conversation/not-found');
    given(started(), removed(cat))
      .when(send(id(1)), by(cat))
      .thenRefused('conversation/not-found');
    given(channel())
      .when(send(id(1)), by(eve))
      .thenRefused('conversation/not-a-member');
    given()
      .when(send(id(1)), by(ann))
      .thenRefused('conversation/not-found');
  });
});

describe.each(['replyTo', 'thread'] as const)('%s', (field) => {
  const to = (n: number): ConversationCommand => send(id(9), { text: 'yes', [field]: id(n) });
  const reply = (seq: number) => sent(id(9), seq, { text: 'yes', [field]: id(1) }, { senderId: bob });

  it('may name a deleted message', () =>
    given(started(), sent(id(1), 1), deleted(1))
      .when(to(1), by(bob))
      .thenEvents(reply(2)));
  it('must name a message', () => {
    given(started()).when(to(1), by(bob)).thenRefused('message/not-found');
    given(started()).when(to(9), by(bob)).thenRefused('message/not-found');
  });
  it('must name one that the sender can see', () => {
    given(started(), sent(id(1), 1), hidden(1, bob))
      .when(to(1), by(bob))
      .thenRefused('message/not-found');
    given(started(), sent(id(1), 1), cleared(bob, 1))
      .when(to(1), by(bob))
      .thenRefused('message/not-found');
    given(started(), sent(id(1), 1), hidden(1, cat), cleared(cat, 1))
      .when(to(1), by(bob))
      .thenEvents(reply(2));
  });
  it('cannot name one from before joining where history begins there', () => {
    const late = added(eve, { joinedSeq: 1 });
    given(started({ settings: { history: 'since-joining' } }), sent(id(1), 1), late)
      .when(to(1), by(eve))
      .thenRefused('message/not-found');
    given(started(), sent(id(1), 1), late)
      .when(to(1), by(eve))
      .thenEvents(sent(id(9), 2, { text: 'yes', [field]: id(1) }, { senderId: eve }));
  });
  it('is looked at before whether one may send', () =>
    given(started()).when(to(1), by(dan)).thenRefused('message/not-found'));
});

describe('a thread', () => {
  const history = [started(), sent(id(1), 1), sent(id(2), 2, { text: 'in it', thread: id(1) })];
  it('does not begin inside another one', () =>
    given(...history)
      .when(send(id(3), { text: 'deeper', thread: id(2) }), by(cat))
      .thenRefused('request/invalid'));
  it('may hold replies to its messages', () => {
    const content = { text: 'to that', thread: id(1), replyTo: id(2) };
    given(...history)
      .when(send(id(3), content), by(cat))
      .thenEvents(sent(id(3), 3, content));
  });
});
