import { describe, expect, it } from 'vitest';
import { v4 } from 'uuid';
import { DomainError } from '../../domain/errors.ts';
import { conversationStream } from '../../domain/ids.ts';
import { DocumentStoreUnavailable } from '../../ports/document-store.ts';
import { by, newId, openHarness, recallFrom, recorded, send, startGroup } from './harness.ts';

const ann = newId();
/** An id that says nothing about its time. */
const oldId = v4;
const failing = (error: Error) => async (): Promise<never> => {
  throw error;
};

describe('a command that needs a recall', () => {
  it('is decided with what was recalled, as of its lane or later', async () => {
    await using harness = openHarness();
    const asked: unknown[] = [];
    const recall = recallFrom(harness.events);
    const bus = harness.open({
      recall: (...question) => {
        asked.push(question);
        return recall(...question);
      },
    });
    const conversationId = await startGroup(bus, ann);
    const { position } = await bus.conversation(conversationId, by(ann, send(newId())));
    const messageId = oldId();
    const first = await bus.conversation(conversationId, by(ann, send(messageId)));
    expect(first).toMatchObject({ events: [{ type: 'MessageSent', data: { messageId, seq: 2 } }], revision: 2 });
    expect(asked).toEqual([[conversationId, [messageId], position]]);
    const repeat = await bus.conversation(conversationId, by(ann, send(messageId)));
    expect(repeat.events).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('recognises a repeat that has left the state long ago', async () => {
    await using harness = openHarness();
    let now = Date.parse('2026-03-01T10:00:00.000Z');
    const bus = harness.open({ clock: () => now });
    const conversationId = await startGroup(bus, ann);
    const messageId = oldId();
    await bus.conversation(conversationId, by(ann, send(messageId)));
    now += 3_600_000;
    await bus.conversation(conversationId, by(ann, send(oldId())));
    now += 3_600_000;
    expect((await bus.conversation(conversationId, by(ann, send(messageId)))).events).toEqual([]);
    const other = by(ann, send(messageId, { text: 'Something else' }));
    await expect(bus.conversation(conversationId, other)).rejects.toMatchObject({ code: 'message/id-reused' });
  });

  it('keeps nobody else waiting', async () => {
    await using harness = openHarness();
    const gate = Promise.withResolvers<void>();
    const recall = recallFrom(harness.events);
    const bus = harness.open({
      recall: async (...question) => {
        await gate.promise;
        return await recall(...question);
      },
    });
    const conversationId = await startGroup(bus, ann);
    const aside = bus.conversation(conversationId, by(ann, send(oldId())));
    const neighbour = bus.conversation(conversationId, by(ann, send(newId())));
    expect(await neighbour).toMatchObject({ revision: 1 });
    expect(await bus.conversation(conversationId, by(ann, send(newId())))).toMatchObject({ revision: 2 });
    gate.resolve();
    expect(await aside).toMatchObject({ revision: 3, events: [{ data: { seq: 3 } }] });
  });

  it.each([
    [new DomainError('read-model/behind'), 'read-model/behind'],
    [new DocumentStoreUnavailable('down'), 'server/unavailable'],
  ] as const)('is refused alone when the recall fails: %s', async (error, code) => {
    await using harness = openHarness();
    const bus = harness.open({ recall: failing(error) });
    const conversationId = await startGroup(bus, ann);
    const aside = bus.conversation(conversationId, by(ann, send(oldId())));
    const neighbour = bus.conversation(conversationId, by(ann, send(newId())));
    await expect(aside).rejects.toMatchObject({ code });
    expect(await neighbour).toMatchObject({ revision: 1 });
  });

  it('is given up when what it asks for never comes', async () => {
    await using harness = openHarness();
    let asked = 0;
    const bus = harness.open({
      limits: { recalls: 3 },
      recall: async () => {
        asked += 1;
        return [];
      },
    });
    const conversationId = await startGroup(bus, ann);
    const aside = bus.conversation(conversationId, by(ann, send(oldId())));
    await expect(aside).rejects.toMatchObject({ code: 'server/unavailable' });
    expect(asked).toBe(3);
  });

  it('asks again when another process has appended since', async () => {
    await using harness = openHarness();
    let now = Date.parse('2026-03-01T10:00:00.000Z');
    const clock = (): number => now;
    const other = harness.open({ clock });
    const conversationId = await startGroup(other, ann);
    const messageId = oldId();
    await other.conversation(conversationId, by(ann, send(messageId)));
    now += 3_600_000;
    await other.conversation(conversationId, by(ann, send(oldId())));
    const recall = recallFrom(harness.events);
    let asked = 0;
    const bus = harness.open({
      clock,
      recall: async (...question) => {
        asked += 1;
        const facts = await recall(...question);
        if (asked > 1) return facts;
        // The answer is out of date when it comes, and this process has seen what made it so.
        await other.conversation(conversationId, by(ann, { type: 'DeleteMessage', data: { messageId } }));
        await bus.conversationState(conversationId);
        return facts;
      },
    });
    const late = by(ann, { type: 'AddReaction', data: { messageId, emoji: '🌱' } } as const);
    await expect(bus.conversation(conversationId, late)).rejects.toMatchObject({ code: 'message/not-found' });
    expect(asked).toBe(2);
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(4);
  });

  it('is waited for when the bus is disposed', async () => {
    await using harness = openHarness();
    const gate = Promise.withResolvers<void>();
    const recall = recallFrom(harness.events);
    const bus = harness.open({
      recall: async (...question) => {
        await gate.promise;
        return await recall(...question);
      },
    });
    const conversationId = await startGroup(bus, ann);
    const aside = bus.conversation(conversationId, by(ann, send(oldId())));
    await bus.conversation(conversationId, by(ann, send(newId())));
    const disposed = bus[Symbol.asyncDispose]();
    gate.resolve();
    await disposed;
    expect(await aside).toMatchObject({ revision: 2 });
  });
});
