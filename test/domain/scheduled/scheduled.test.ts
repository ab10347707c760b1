import { describe, expect, it } from 'vitest';
import type { SendContent } from '../../../domain/conversation/commands.ts';
import { fold, type Context } from '../../../domain/decider.ts';
import { limits } from '../../../domain/limits.ts';
import type { ScheduledCommand } from '../../../domain/scheduled/commands.ts';
import { scheduled, scheduleDigest } from '../../../domain/scheduled/decider.ts';
import type { ScheduledEvent } from '../../../domain/scheduled/events.ts';
import { scenario } from '../../dsl/given.ts';

const { given } = scenario(scheduled);
const id = (n: number): string => `019b0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [ann, tea, rum] = [id(1), id(101), id(102)];
const time = (minutes: number): string => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
const at = (minutes: number): Context => ({ actorId: ann, at: time(minutes) });

const hello: SendContent = { text: 'hello' };
const put = (n: number, sendAt = 60, content = hello, conversationId = tea): ScheduledCommand => ({
  type: 'ScheduleSend',
  data: { userId: ann, conversationId, messageId: id(n), sendAt: time(sendAt), content },
});
const about = (n: number, conversationId = tea) => ({ conversationId, messageId: id(n) });
const cancel = (n: number): ScheduledCommand => ({ type: 'CancelScheduledSend', data: about(n) });
const begin = (n: number, sendAt = 60, content = hello): ScheduledCommand => ({
  type: 'BeginScheduledSend',
  data: { ...about(n), digest: scheduleDigest(content, time(sendAt)) },
});

const scheduledAt = (n: number, minutes = 0, sendAt = 60, content = hello, conversationId = tea): ScheduledEvent => ({
  type: 'SendScheduled',
  data: {
    ...about(n, conversationId),
    userId: ann,
    sendAt: time(sendAt),
    content: { text: content.text ?? null, custom: null },
    attachments: [],
    mentions: [...new Set(content.mentions)],
    replyTo: content.replyTo ?? null,
    threadRootId: content.thread ?? null,
    forwardedFrom: null,
    expiresInSeconds: content.expiresInSeconds ?? null,
    digest: scheduleDigest(content, time(sendAt)),
    at: time(minutes),
  },
});
const cancelled = (
  n: number,
  minutes: number,
  reason: 'sender' | 'left' | 'erased' = 'sender',
  conversationId = tea,
): ScheduledEvent => ({
  type: 'ScheduledSendCancelled',
  data: { ...about(n, conversationId), reason, at: time(minutes) },
});
const begun = (n: number, minutes = 60): ScheduledEvent => ({
  type: 'ScheduledSendBegun',
  data: { ...about(n), at: time(minutes) },
});
const settled = (n: number, failure: string | null = null, minutes = 60): ScheduledEvent => ({
  type: 'ScheduledSendSettled',
  data: { ...about(n), failure, at: time(minutes) },
});

describe('a scheduled message', () => {
  it('is kept with all that it will carry', () => {
    const content = { text: 'hi', mentions: [ann, ann], replyTo: id(7), thread: id(8), expiresInSeconds: 5 };
    given()
      .when(put(1, 60, content), at(0))
      .thenEvents(scheduledAt(1, 0, 60, content));
  });

  it('put again is a repeat, with another time or content a change', () => {
    given(scheduledAt(1)).when(put(1), at(1)).thenNothing();
    given(scheduledAt(1))
      .when(put(1, 61), at(1))
      .thenEvents(scheduledAt(1, 1, 61));
    given(scheduledAt(1))
      .when(put(1, 60, { text: 'bye' }), at(1))
      .thenEvents(scheduledAt(1, 1, 60, { text: 'bye' }));
  });

  it('lies in the future, and not too far', () => {
    const days = limits.scheduledAheadMs / 60_000;
    given().when(put(1, 5), at(5)).thenRefused('request/invalid');
    given().when(put(1, 4), at(5)).thenRefused('request/invalid');
    given()
      .when(put(1, 5 + days), at(5))
      .thenEvents(scheduledAt(1, 5, 5 + days));
    given()
      .when(put(1, 6 + days), at(5))
      .thenRefused('request/invalid');
  });

  it('is one of so many, counted without those that are done', () => {
    const many = Array.from({ length: limits.scheduledPerUser }, (_, n) => scheduledAt(n + 1));
    given(...many)
      .when(put(500), at(1))
      .thenRefused('scheduled/too-many');
    given(...many)
      .when(put(1, 61), at(1))
      .thenEvents(scheduledAt(1, 1, 61));
    given(...many, cancelled(1, 1))
      .when(put(500), at(1))
      .thenEvents(scheduledAt(500, 1));
    given(...many, begun(1), settled(1))
      .when(put(500, 99), at(61))
      .thenEvents(scheduledAt(500, 61, 99));
    given(...many, begun(1), settled(1, 'auth/forbidden'))
      .when(put(500, 99), at(61))
      .thenRefused('scheduled/too-many');
  });

  it('can be given up before its time, also twice, and scheduled again', () => {
    given(scheduledAt(1)).when(cancel(1), at(1)).thenEvents(cancelled(1, 1));
    given(scheduledAt(1), cancelled(1, 1)).when(cancel(1), at(2)).thenNothing();
    given(scheduledAt(1), cancelled(1, 1)).when(put(1), at(2)).thenEvents(scheduledAt(1, 2));
    given().when(cancel(1), at(1)).thenRefused('message/not-found');
  });

  it('is begun at its time, as it was when that was looked up, and not after it was given up', () => {
    given(scheduledAt(1)).when(begin(1), at(59.9)).thenRefused('message/not-found');
    given(scheduledAt(1)).when(begin(1), at(60)).thenEvents(begun(1));
    given(scheduledAt(1), begun(1)).when(begin(1), at(61)).thenNothing();
    given(scheduledAt(1)).when(begin(1, 59), at(60)).thenRefused('message/not-found');
    given(scheduledAt(1), cancelled(1, 1)).when(begin(1), at(60)).thenRefused('message/not-found');
    given(scheduledAt(1), begun(1), settled(1)).when(begin(1), at(61)).thenRefused('message/not-found');
    given().when(begin(1), at(60)).thenRefused('message/not-found');
  });

  it('can neither be changed nor given up once it is being sent', () => {
    for (const history of [[begun(1)], [begun(1), settled(1)]]) {
      given(scheduledAt(1), ...history)
        .when(cancel(1), at(61))
        .thenRefused('message/not-found');
      given(scheduledAt(1), ...history)
        .when(put(1, 99), at(61))
        .thenRefused('message/id-reused');
      given(scheduledAt(1), ...history)
        .when(put(1), at(61))
        .thenNothing();
    }
  });

  it('is settled once', () => {
    const settle = (failure: 'auth/forbidden' | null): ScheduledCommand => ({
      type: 'SettleScheduledSend',
      data: { ...about(1), failure },
    });
    given(scheduledAt(1), begun(1)).when(settle(null), at(60)).thenEvents(settled(1));
    given(scheduledAt(1), begun(1)).when(settle('auth/forbidden'), at(60)).thenEvents(settled(1, 'auth/forbidden'));
    given(scheduledAt(1), begun(1), settled(1)).when(settle('auth/forbidden'), at(60)).thenNothing();
    given(scheduledAt(1)).when(settle(null), at(60)).thenNothing();
  });

  it('that failed can be scheduled anew or given up', () => {
    const history = [scheduledAt(1), begun(1), settled(1, 'auth/forbidden')];
    given(...history)
      .when(put(1), at(61))
      .thenNothing();
    given(...history)
      .when(put(1, 99), at(61))
      .thenEvents(scheduledAt(1, 61, 99));
    given(...history)
      .when(cancel(1), at(61))
      .thenEvents(cancelled(1, 61));
  });
});

describe('leaving', () => {
  const all = [scheduledAt(1), scheduledAt(2, 5), scheduledAt(3, 0, 60, hello, rum), scheduledAt(4), begun(4, 60)];

  it('gives up what was scheduled in that conversation until then', () => {
    const left: ScheduledCommand = {
      type: 'CancelScheduledSends',
      data: { conversationId: tea, until: time(4), reason: 'left' },
    };
    given(...all)
      .when(left, at(60))
      .thenEvents(cancelled(1, 60, 'left'));
    given().when(left, at(60)).thenNothing();
  });

  it('the whole system gives up everything', () => {
    const erased: ScheduledCommand = { type: 'CancelScheduledSends', data: { until: time(60), reason: 'erased' } };
    given(...all)
      .when(erased, at(60))
      .thenEvents(cancelled(1, 60, 'erased'), cancelled(2, 60, 'erased'), cancelled(3, 60, 'erased', rum));
  });
});

it('remembers a bounded number of those that are done', () => {
  const history = Array.from({ length: 300 }, (_, n) => [scheduledAt(n + 1), begun(n + 1), settled(n + 1)]).flat();
  const state = fold(scheduled, [...history, scheduledAt(500)]);
  expect(state.entries.size).toBe(101);
  expect(state.entries.get(`${tea}/${id(300)}`)?.status).toBe('sent');
});
