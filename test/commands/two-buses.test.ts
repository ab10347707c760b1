import * as fc from 'fast-check';
import { v4 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { ConversationCommand } from '../../domain/conversation/commands.ts';
import { conversationStream } from '../../domain/ids.ts';
import { by, decoded, newId, openHarness, recorded, send, startGroup } from './harness.ts';

const people = [newId(), newId(), newId()] as const;
const [ann, bob, stranger] = people;
const devices = people.map(() => newId());

/** Ids of both kinds: those that prove themselves fresh, and those that have to be looked up. */
const messageIds = [newId(), newId(), newId(), v4(), v4(), v4()];

const act = fc.record({
  bus: fc.nat(1),
  who: fc.nat(2),
  message: fc.nat(messageIds.length - 1),
  kind: fc.constantFrom('send', 'send', 'send', 'delete', 'receipt', 'react', 'unreact'),
  text: fc.constantFrom('Frost tonight', 'Rain tomorrow'),
  /** The next act begins only after this one. */
  waits: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

const commandOf = ({ kind, who, message, text }: Act): ConversationCommand => {
  const messageId = messageIds[message]!;
  switch (kind) {
    case 'send':
      return send(messageId, { text });
    case 'delete':
      return { type: 'DeleteMessage', data: { messageId } };
    case 'react':
      return { type: 'AddReaction', data: { messageId, emoji: '🌱' } };
    case 'unreact':
      return { type: 'RemoveReaction', data: { messageId, emoji: '🌱' } };
    default:
      return { type: 'RecordReceipt', data: { deviceId: devices[who]!, delivered: 1 } };
  }
};

describe('two buses on one store', () => {
  it('give dense numbers, lose no send and double none, whatever runs at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        await using harness = openHarness();
        const buses = [harness.open({ limits: { batch: 4 } }), harness.open({ limits: { batch: 4 } })];
        const conversationId = await startGroup(buses[0]!, ann, [bob]);
        const outcomes = [];
        for (const one of acts) {
          const outcome = buses[one.bus]!.conversation(conversationId, by(people[one.who]!, commandOf(one)));
          outcomes.push(outcome.catch((error: unknown) => ({ error })));
          if (one.waits) await outcomes.at(-1);
        }
        const settled = await Promise.all(outcomes);
        const log = await decoded(harness.events, conversationStream(conversationId));
        const sent = log.filter((event) => event.type === 'MessageSent');
        expect(sent.map(({ data }) => data.seq)).toEqual(sent.map((_, i) => i + 1));
        expect(new Set(sent.map(({ data }) => data.messageId)).size).toBe(sent.length);
        expect(log.map(({ data }) => data.at)).toEqual(log.map(({ data }) => data.at).toSorted());
        for (const [i, outcome] of settled.entries()) {
          const { kind, who, message } = acts[i]!;
          if ('error' in outcome) {
            expect(outcome.error).toHaveProperty('code', expect.not.stringMatching('server/unavailable'));
          } else {
            expect(people[who]).not.toBe(stranger);
            for (const event of outcome.events) {
              if (event.type !== 'ReceiptsRecorded') expect(log).toContainEqual(event);
            }
            if (kind === 'send') {
              expect(sent.map(({ data }) => data.messageId)).toContain(messageIds[message]);
              expect(outcome.events.length).toBeLessThanOrEqual(1);
            }
          }
        }
        const made = settled.flatMap((outcome) => ('error' in outcome ? [] : outcome.events));
        expect(made.filter(({ type }) => type === 'MessageSent')).toHaveLength(sent.length);
        const states = await Promise.all(
          [...buses, harness.open()].map(async (bus) => await bus.conversationState(conversationId)),
        );
        // What was recalled stays in a state for a while; all else is alike.
        const seen = states.map((state) => JSON.stringify({ ...state, messages: null, expiry: null, recalled: null }));
        expect(new Set(seen).size).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  it('refuse nothing that the other one has just made possible', async () => {
    await using harness = openHarness();
    const [here, there] = [harness.open(), harness.open()];
    const conversationId = await startGroup(here, ann);
    await expect(there.conversation(conversationId, by(bob, send(newId())))).rejects.toMatchObject({
      code: 'conversation/not-found',
    });
    await here.conversation(conversationId, by(ann, { type: 'PutMember', data: { userId: bob } }));
    expect(await there.conversation(conversationId, by(bob, send(newId())))).toMatchObject({ revision: 2 });
    await here.conversation(conversationId, by(ann, { type: 'RemoveMember', data: { userId: bob } }));
    expect(await there.conversationState(conversationId)).toMatchObject({ lastSeq: 1 });
    await expect(there.conversation(conversationId, by(bob, send(newId())))).rejects.toMatchObject({
      code: 'conversation/not-found',
    });
  });

  it('tell a reused id from a repeat although the command ids are the same', async () => {
    await using harness = openHarness();
    const [here, there] = [harness.open({ clock: () => 1_780_000_000_000 }), harness.open()];
    const conversationId = await startGroup(here, ann);
    await there.conversationState(conversationId);
    const messageId = newId();
    const commandId = newId();
    await here.conversation(conversationId, by(ann, send(messageId), { commandId }));
    const reused = by(ann, send(messageId, { text: 'Something else' }), { commandId });
    await expect(there.conversation(conversationId, reused)).rejects.toMatchObject({ code: 'message/id-reused' });
    expect((await there.conversation(conversationId, by(ann, send(messageId), { commandId }))).events).toEqual([]);
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(2);
  });
});
