import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversation } from '../../../domain/conversation/decider.ts';
import { conversationEvents, type ConversationEvent } from '../../../domain/conversation/events.ts';
import { fromSnapshot, toSnapshot } from '../../../domain/conversation/snapshot.ts';
import type { ConversationState } from '../../../domain/conversation/state.ts';
import { uuidV7Time } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { fold } from '../../../domain/decider.ts';
import { anyHistory, attempt, eventsOf, Memory, play, settle, type Step } from './histories.ts';

const logOf = (steps: readonly Step[]): ConversationEvent[] =>
  [...play(steps)].flatMap(({ outcome }) => eventsOf(outcome));
const throughJson = (state: ConversationState): ConversationState =>
  fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))));

/** What a state holds, in whatever order. */
const unordered = (value: unknown): unknown => {
  if (Array.isArray(value))
    return value.map(unordered).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unordered(inner)]));
};
const contentOf = (state: ConversationState): unknown => unordered(toSnapshot(state));

/** The window by its definition, every message looked at with every event. */
const heldByDefinition = (log: readonly ConversationEvent[]): Map<string, number> => {
  const held = new Map<string, number>();
  for (const { type, data } of log) {
    const now = Date.parse(data.at);
    if ('messageId' in data && (type === 'MessageSent' || held.has(data.messageId))) {
      held.set(data.messageId, Math.max(now, uuidV7Time(data.messageId) ?? 0) + limits.messageWindowMs);
    }
    for (const [messageId, until] of held) if (until < now) held.delete(messageId);
  }
  return held;
};

describe('whatever is asked of a conversation', () => {
  it('every kind of event comes about in these histories', () => {
    const logs = fc.sample(anyHistory, { numRuns: 300, seed: 4 }).map(logOf);
    const types = new Set(logs.flat().map(({ type }) => type));
    expect([...types].toSorted()).toEqual(Object.keys(conversationEvents).toSorted());
  });

  it('its events are of their schemas and nothing besides', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        for (const { type, data } of logOf(steps)) {
          expect(conversationEvents[type].parse(JSON.parse(JSON.stringify(data)))).toEqual(data);
        }
      }),
    ));

  it('messages are numbered without a gap, and each id is sent once', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const messages = logOf(steps).filter(({ type }) => type === 'MessageSent');
        const data = messages.map((event) => event.data as { seq: number; messageId: string });
        expect(data.map(({ seq }) => seq)).toEqual(data.map((_, index) => index + 1));
        expect(new Set(data.map(({ messageId }) => messageId)).size).toBe(data.length);
      }),
    ));

  it('a command that has taken effect yields nothing when repeated', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const memory = new Memory();
        for (const { step, context, outcome, state } of play(steps, memory)) {
          if (outcome.kind !== 'events') continue;
          const { command, actorId } = step;
          const again = settle(memory, state, command, context).outcome;
          const hasLeft =
            command.type === 'RemoveMember' && command.data.userId === actorId && outcome.events.length > 0;
          if (hasLeft) expect(again.kind).toBe('refused');
          else expect(again).toEqual({ kind: 'events', events: [] });
        }
      }),
    ));

  it('an open group or channel has an owner', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        for (const { state } of play(steps)) {
          if (state.status !== 'open' || state.kind === 'direct') continue;
          expect(state.members.some(({ role }) => role === 'owner')).toBe(true);
        }
      }),
    ));

  it('pointers never lie beyond the last message, and what was read was delivered', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        for (const { state } of play(steps)) {
          if (state.status === 'absent') continue;
          for (const { readSeq, deliveredSeq, unreadFrom, clearedSeq } of state.members.values()) {
            expect(readSeq).toBeLessThanOrEqual(deliveredSeq);
            expect(Math.max(deliveredSeq, unreadFrom ?? 0, clearedSeq)).toBeLessThanOrEqual(state.lastSeq);
          }
        }
      }),
    ));
});

describe('a state', () => {
  it('is the fold of its log, and decides the same', () =>
    fc.assert(
      fc.property(anyHistory, fc.nat({ max: 79 }), (steps, cut) => {
        const memory = new Memory();
        const played = [...play(steps.slice(0, cut + 1), memory)];
        const grown = played.at(-1);
        if (grown === undefined) return;
        const folded = fold(
          conversation,
          played.flatMap(({ outcome }) => eventsOf(outcome)),
        );
        for (const { command, actorId } of steps) {
          const context = { actorId, at: grown.context.at };
          const { outcome } = settle(memory, folded, command, context);
          expect(outcome).toEqual(settle(memory, grown.state, command, context).outcome);
          expect(outcome.kind).not.toBe('recalls');
        }
      }),
    ));

  it('put through a snapshot goes on as if it had not been', () =>
    fc.assert(
      fc.property(anyHistory, fc.nat({ max: 79 }), (steps, cut) => {
        const memory = new Memory();
        let restored: ConversationState | undefined;
        let index = 0;
        let before: ConversationState = conversation.initialState;
        for (const { step, context, state } of play(steps, memory)) {
          if (index === cut) restored = throughJson(before);
          if (restored !== undefined) {
            expect(attempt(restored, step.command, context)).toEqual(attempt(before, step.command, context));
            restored = settle(memory, restored, step.command, context).state;
            expect(contentOf(restored)).toEqual(contentOf(state));
          }
          before = state;
          index += 1;
        }
      }),
    ));

  it('is never changed by what comes after it', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const states: ConversationState[] = [];
        const texts: string[] = [];
        for (const { state } of play(steps)) {
          states.push(state);
          texts.push(JSON.stringify(toSnapshot(state)));
        }
        expect(states.map((state) => JSON.stringify(toSnapshot(state)))).toEqual(texts);
      }),
      { numRuns: 30 },
    ));

  it('holds exactly the messages of its window, however their ids are', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const log = logOf(steps);
        const state = fold(conversation, log);
        if (state.status === 'absent') return;
        const held = [...state.messages].map(([messageId, { until }]) => [messageId, until]);
        expect(new Map(held as [string, number][])).toEqual(heldByDefinition(log));
      }),
    ));

  it('is the same after merged receipts as after single ones', () =>
    fc.assert(
      fc.property(anyHistory, (steps) => {
        const log = logOf(steps);
        const merged: ConversationEvent[] = [];
        for (const next of log) {
          const previous = merged.at(-1);
          const one = previous && conversation.merge?.(previous, next);
          if (one !== undefined) merged.pop();
          merged.push(one ?? next);
        }
        expect(contentOf(fold(conversation, merged))).toEqual(contentOf(fold(conversation, log)));
      }),
    ));
});
