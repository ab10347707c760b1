import { describe, expect, it } from 'vitest';
import type { ConversationCommand, SendContent } from '../../../domain/conversation/commands.ts';
import { endOf } from '../../../domain/conversation/expiry.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { defaultSettings } from '../../../domain/conversation/values.ts';
import { limits } from '../../../domain/limits.ts';
import { ann, by, cat, closed, eve, given, id, known, oldId, send, sent, started, time } from './fixtures.ts';

/** The system's, so many minutes after the conversation began. */
const system = (minutes: number) => by('system', minutes);
const expire = (messageId: string): ConversationCommand => ({ type: 'ExpireMessage', data: { messageId } });
/** Cat's first message, which is over after five minutes. */
const brief: SendContent = { text: 'hello', expiresInSeconds: 300 };
const fleeting = sent(id(1), 1, brief, { expiresAt: time(6) });
const kept = { retentionSeconds: 300 };
const over = (minutes: number, mentions: string[] = [], messageId = id(1)): ConversationEvent => ({
  type: 'MessageDeleted',
  data: { messageId, seq: 1, at: time(minutes), by: null, mentions },
});

describe('a message that disappears', () => {
  it('carries the time at which it does', () => {
    given(started())
      .when(send(id(1), brief), by(cat))
      .thenEvents(fleeting);
  });

  it('is repeated with the same time, and by another one its id is reused', () => {
    const events = [started(), fleeting];
    given(...events)
      .when(send(id(1), brief), by(cat, 2))
      .thenNothing();
    given(...events)
      .when(send(id(1), { ...brief, expiresInSeconds: 301 }), by(cat, 2))
      .thenRefused('message/id-reused');
    given(...events)
      .when(send(id(1), { text: 'hello' }), by(cat, 2))
      .thenRefused('message/id-reused');
  });

  it('must do so within a year', () => {
    for (const expiresInSeconds of [0, 0.5, limits.expiresInSecondsMost + 1]) {
      given(started())
        .when(send(id(1), { text: 'hello', expiresInSeconds }), by(cat))
        .thenRefused('request/invalid');
    }
  });

  it('is deleted by nobody when its time is over, once, and not before', () => {
    given(started(), fleeting)
      .when(expire(id(1)), system(5.99))
      .thenNothing();
    given(started(), fleeting)
      .when(expire(id(1)), system(6))
      .thenEvents(over(6));
    given(started(), fleeting, over(6))
      .when(expire(id(1)), system(7))
      .thenNothing();
    given(started())
      .when(expire(id(2)), system(7))
      .thenNothing();
  });

  it('names whom it had mentioned, so that they can be forgotten', () => {
    given(started(), sent(id(1), 1, { text: 'hi', mentions: [ann] }, { expiresAt: time(6) }))
      .when(expire(id(1)), system(6))
      .thenEvents(over(6, [ann]));
  });

  it('disappears also from a conversation that is closed', () => {
    given(started(), fleeting, closed())
      .when(expire(id(1)), system(6))
      .thenEvents(over(6));
  });

  it('is looked up where the state has forgotten it', () => {
    const history = given(started());
    history.when(expire(oldId(1)), system(30)).thenRecalls(oldId(1));
    history
      .knowing(known(oldId(1), 1, { expiresAt: time(20) }))
      .when(expire(oldId(1)), system(30))
      .thenEvents(over(30, [], oldId(1)));
    history
      .knowing(known(oldId(1), 1))
      .when(expire(oldId(1)), system(30))
      .thenNothing();
  });

  it('is as deleted from its last moment on, before anything has been recorded', () => {
    const history = given(started(), fleeting);
    const edit: ConversationCommand = { type: 'EditMessage', data: { messageId: id(1), content: { text: 'x' } } };
    const pin: ConversationCommand = { type: 'PinMessage', data: { messageId: id(1) } };
    const react: ConversationCommand = { type: 'AddReaction', data: { messageId: id(1), emoji: '👍' } };
    history.when(edit, by(cat, 6)).thenRefused('message/not-editable');
    history.when(pin, by(cat, 6)).thenRefused('message/not-found');
    history.when(react, by(cat, 6)).thenRefused('message/not-found');
    history.when({ type: 'DeleteMessage', data: { messageId: id(1) } }, by(cat, 6)).thenNothing();
    history
      .when({ type: 'DeleteMessage', data: { messageId: id(1) } }, by(eve, 6))
      .thenRefused('conversation/not-found');
  });
});

describe('how long a conversation keeps messages', () => {
  it('ends those that are old enough, also those sent before it was limited', () => {
    const changed: ConversationEvent = {
      type: 'ConversationChanged',
      data: { by: ann, settings: { ...defaultSettings, ...kept }, at: time(2) },
    };
    given(started(), sent(id(1), 1), changed)
      .when(expire(id(1)), system(5.99))
      .thenNothing();
    given(started(), sent(id(1), 1), changed)
      .when(expire(id(1)), system(6))
      .thenEvents(over(6));
  });

  it('counts beside what the sender has set: whichever is over first', () => {
    const message = { sentAt: time(1), expiresAt: time(3) };
    expect(endOf(message, { retentionSeconds: null })).toBe(time(3));
    expect(endOf(message, { retentionSeconds: 60 })).toBe(time(2));
    expect(endOf(message, { retentionSeconds: 600 })).toBe(time(3));
    expect(endOf({ ...message, expiresAt: null }, { retentionSeconds: 600 })).toBe(time(11));
    expect(endOf({ ...message, expiresAt: null }, { retentionSeconds: null })).toBe(null);
  });
});
