import { describe, expect, it } from 'vitest';
import { DomainError } from '../../domain/errors.ts';
import { contactStream, conversationStream, userStream } from '../../domain/ids.ts';
import { by, decoded, newId, openHarness, recorded, send, start, startGroup } from './harness.ts';
import { faulty } from './faulty-store.ts';

const [ann, bob] = [newId(), newId()];

describe('the command bus', () => {
  it('writes what a command decides, with who asked and in which version', async () => {
    await using harness = openHarness();
    const bus = harness.open({ clock: () => Date.parse('2026-03-01T10:00:00.000Z') });
    const conversationId = newId();
    const envelope = by(ann, start(conversationId, [bob]));
    const outcome = await bus.conversation(conversationId, envelope);
    const [event, ...rest] = await recorded(harness.events, conversationStream(conversationId));
    expect(rest).toEqual([]);
    expect(event).toMatchObject({
      type: 'ConversationStarted',
      revision: 0,
      metadata: { commandId: envelope.commandId, actorId: ann, schemaVersion: 1 },
    });
    expect(event!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(outcome).toEqual({
      events: [{ type: 'ConversationStarted', data: event!.data }],
      revision: 0,
      position: event!.position,
    });
    expect(outcome.events[0]!.data.at).toBe('2026-03-01T10:00:00.000Z');
  });

  it('answers a repeat with no events and the newest place of the stream', async () => {
    await using harness = openHarness();
    const bus = harness.open();
    const conversationId = await startGroup(bus, ann);
    const messageId = newId();
    await bus.conversation(conversationId, by(ann, send(messageId)));
    const newest = await bus.conversation(conversationId, by(ann, send(newId())));
    const repeat = await bus.conversation(conversationId, by(ann, send(messageId)));
    expect(repeat).toEqual({ events: [], revision: newest.revision, position: newest.position });
  });

  it('keeps users, contacts and conversations in streams of their own', async () => {
    await using harness = openHarness();
    const bus = harness.open();
    await bus.user(ann, by(ann, { type: 'RegisterUser', data: { userId: ann, username: 'ann', displayName: 'Ann' } }));
    await bus.contact(bob, ann, by(ann, { type: 'PutContact', data: { other: bob } }));
    await bus.contact(ann, bob, by(bob, { type: 'PutContact', data: { other: ann } }));
    expect((await recorded(harness.events, userStream(ann))).map(({ type }) => type)).toEqual(['UserRegistered']);
    const contactEvents = await recorded(harness.events, contactStream(ann, bob));
    expect(contactEvents.map(({ type }) => type)).toEqual(['ContactRequested', 'ContactAccepted']);
    expect(await bus.contactState(bob, ann)).toMatchObject({ contact: { state: 'accepted' } });
    expect(await bus.userState(ann)).toMatchObject({ status: 'active', username: 'ann' });
    expect(await bus.userState(bob)).toEqual({ status: 'absent' });
  });

  it('appends together what queued together, and lets no refusal fail its neighbours', async () => {
    await using harness = openHarness();
    const store = faulty(harness.events);
    const bus = harness.open({ events: store });
    const conversationId = await startGroup(bus, ann);
    const stranger = newId();
    const outcomes = await Promise.allSettled(
      [ann, stranger, ann, stranger, ann].map((actor) => bus.conversation(conversationId, by(actor, send(newId())))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.revision : null))).toEqual([
      1,
      null,
      2,
      null,
      3,
    ]);
    expect(store.appends.map(({ events }) => events.length)).toEqual([1, 3]);
    expect(await bus.conversationState(conversationId)).toMatchObject({ lastSeq: 3 });
  });

  it('decides on what the commands before it in the same batch did', async () => {
    await using harness = openHarness();
    const bus = harness.open();
    const conversationId = newId();
    const messageId = newId();
    const [started, sent, repeated] = await Promise.all([
      bus.conversation(conversationId, by(ann, start(conversationId))),
      bus.conversation(conversationId, by(ann, send(messageId))),
      bus.conversation(conversationId, by(ann, send(messageId))),
    ]);
    expect([started, sent, repeated].map(({ events }) => events.length)).toEqual([1, 1, 0]);
    expect(repeated.revision).toBe(1);
    expect(repeated.position).toBeGreaterThanOrEqual(sent.position);
  });

  it('makes one event of receipts that come together', async () => {
    await using harness = openHarness();
    const bus = harness.open();
    const conversationId = await startGroup(bus, ann, [bob]);
    await bus.conversation(conversationId, by(ann, send(newId())));
    const outcomes = await Promise.all(
      [newId(), newId()].map((deviceId) =>
        bus.conversation(conversationId, by(bob, { type: 'RecordReceipt', data: { deviceId, delivered: 1 } })),
      ),
    );
    expect(outcomes.map(({ revision }) => revision)).toEqual([2, 2]);
    const events = await decoded(harness.events, conversationStream(conversationId));
    expect(events.map(({ type }) => type)).toEqual(['ConversationStarted', 'MessageSent', 'ReceiptsRecorded']);
    await using fresh = harness.open();
    expect(await bus.conversationState(conversationId)).toEqual(await fresh.conversationState(conversationId));
  });

  it('refuses at once what does not fit into the queue of a lane', async () => {
    await using harness = openHarness();
    const bus = harness.open({ limits: { queue: 3 } });
    const conversationId = await startGroup(bus, ann);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => bus.conversation(conversationId, by(ann, send(newId())))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'server/unavailable' } });
  });

  it('finishes what it took when it is disposed, and refuses the rest', async () => {
    await using harness = openHarness();
    const bus = harness.open();
    const conversationId = await startGroup(bus, ann);
    const taken = bus.conversation(conversationId, by(ann, send(newId())));
    await bus[Symbol.asyncDispose]();
    await expect(taken).resolves.toMatchObject({ revision: 1 });
    await expect(bus.conversation(conversationId, by(ann, send(newId())))).rejects.toThrow(DomainError);
    await expect(bus.conversationState(conversationId)).rejects.toMatchObject({ code: 'server/unavailable' });
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(2);
  });

  it('decides the same after its lane was dropped and loaded again', async () => {
    await using harness = openHarness();
    const bus = harness.open({ limits: { idleLanes: 1 } });
    const conversationId = await startGroup(bus, ann);
    const messageId = newId();
    await bus.conversation(conversationId, by(ann, send(messageId)));
    await startGroup(bus, bob);
    expect((await bus.conversation(conversationId, by(ann, send(messageId)))).events).toEqual([]);
    await startGroup(bus, bob);
    const other = send(messageId, { text: 'Something else' });
    await expect(bus.conversation(conversationId, by(ann, other))).rejects.toMatchObject({ code: 'message/id-reused' });
    await startGroup(bus, bob);
    const [next] = (await bus.conversation(conversationId, by(ann, send(newId())))).events;
    expect(next).toMatchObject({ type: 'MessageSent', data: { seq: 2 } });
  });
});
