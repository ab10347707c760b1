import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import {
  ann,
  bob,
  by,
  cat,
  cleared,
  closed,
  dan,
  deleted,
  direct,
  eve,
  given,
  hidden,
  id,
  pinned,
  reacted,
  sent,
  started,
  unpinned,
  unreacted,
} from './fixtures.ts';

const react = (emoji = '👍'): ConversationCommand => ({ type: 'AddReaction', data: { messageId: id(1), emoji } });
const unreact = (emoji = '👍'): ConversationCommand => ({ type: 'RemoveReaction', data: { messageId: id(1), emoji } });
const pin: ConversationCommand = { type: 'PinMessage', data: { messageId: id(1) } };
const unpin: ConversationCommand = { type: 'UnpinMessage', data: { messageId: id(1) } };
const history = [started(), sent(id(1), 1)];

describe('reactions', () => {
  it('are for all members, readers too', () =>
    given(...history)
      .when(react(), by(dan))
      .thenEvents(reacted(1, dan)));
  it('are there once for each emoji and member', () => {
    given(...history, reacted(1, dan))
      .when(react(), by(dan))
      .thenNothing();
    given(...history, reacted(1, dan), closed())
      .when(react(), by(dan))
      .thenNothing();
    given(...history, reacted(1, dan))
      .when(react('🎉'), by(dan))
      .thenEvents(reacted(1, dan, '🎉'));
    given(...history, reacted(1, dan))
      .when(react(), by(cat))
      .thenEvents(reacted(1, cat));
  });
  it('are taken back by who gave them', () => {
    given(...history, reacted(1, dan))
      .when(unreact(), by(dan))
      .thenEvents(unreacted(1, dan));
    given(...history, reacted(1, dan))
      .when(unreact(), by(ann))
      .thenNothing();
    given(...history, reacted(1, dan))
      .when(unreact('🎉'), by(dan))
      .thenNothing();
    given(...history, reacted(1, dan), unreacted(1, dan))
      .when(unreact(), by(dan))
      .thenNothing();
    given(...history, reacted(1, dan), unreacted(1, dan))
      .when(react(), by(dan))
      .thenEvents(reacted(1, dan));
  });
});

describe('pins', () => {
  it('are made and undone by who may send', () => {
    given(...history)
      .when(pin, by(cat))
      .thenEvents(pinned(1, cat));
    given(...history, pinned(1, bob))
      .when(unpin, by(cat))
      .thenEvents(unpinned(1, cat));
    given(direct(), sent(id(1), 1))
      .when(pin, by(bob))
      .thenEvents(pinned(1, bob));
  });
  it('have no further effect when repeated', () => {
    given(...history, pinned(1, bob))
      .when(pin, by(cat))
      .thenNothing();
    given(...history)
      .when(unpin, by(cat))
      .thenNothing();
    given(...history, pinned(1), unpinned(1), closed())
      .when(unpin, by(cat))
      .thenNothing();
  });
  it('are refused for readers, and for members where only admins send', () => {
    const quiet = [started({ settings: { whoMaySend: 'admins' } }), sent(id(1), 1)];
    given(...history)
      .when(pin, by(dan))
      .thenRefused('auth/forbidden');
    given(...history, pinned(1))
      .when(unpin, by(dan))
      .thenRefused('auth/forbidden');
    given(...quiet)
      .when(pin, by(cat))
      .thenRefused('auth/forbidden');
    given(...quiet)
      .when(pin, by(bob))
      .thenEvents(pinned(1, bob));
  });
});

describe.each<[string, ConversationCommand]>([
  ['AddReaction', react()],
  ['RemoveReaction', unreact()],
  ['PinMessage', pin],
  ['UnpinMessage', unpin],
])('%s', (_, command) => {
  const opposite = command.type === 'AddReaction' || command.type === 'PinMessage' ? [] : [reacted(1, cat), pinned(1)];
  it('does not find a deleted message', () =>
    given(...history, ...opposite, deleted(1))
      .when(command, by(cat))
      .thenRefused('message/not-found'));
  it('does not find a message that the actor cannot see', () => {
    given(started()).when(command, by(cat)).thenRefused('message/not-found');
    given(...history, ...opposite, hidden(1, cat))
      .when(command, by(cat))
      .thenRefused('message/not-found');
    given(...history, ...opposite, cleared(cat, 1))
      .when(command, by(cat))
      .thenRefused('message/not-found');
  });
  it('is refused after closing', () =>
    given(...history, ...opposite, closed())
      .when(command, by(cat))
      .thenRefused('conversation/closed'));
  it('does not exist for a stranger', () =>
    given(...history)
      .when(command, by(eve))
      .thenRefused('conversation/not-found'));
});
