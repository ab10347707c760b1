import { describe, expect, it } from 'vitest';
import { conversationStream } from '../../domain/ids.ts';
import { faulty, lostReply, lostRequest } from './faulty-store.ts';
import { by, newId, openHarness, recorded, send, startGroup } from './harness.ts';

const ann = newId();

describe('an append whose outcome is unknown', () => {
  it('succeeds with exactly one copy when only the reply was lost', async () => {
    await using harness = openHarness();
    const conversationId = await startGroup(harness.open(), ann);
    const store = faulty(harness.events, lostReply);
    const bus = harness.open({ events: store });
    const outcomes = await Promise.all([1, 2].map(() => bus.conversation(conversationId, by(ann, send(newId())))));
    expect(outcomes.map(({ events, revision }) => [events.length, revision])).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(3);
    await bus.conversation(conversationId, by(ann, send(newId())));
    expect(store.appends.map(({ expected }) => expected)).toEqual([0, 2]);
  });

  it('succeeds with exactly one copy when the request was lost', async () => {
    await using harness = openHarness();
    const conversationId = await startGroup(harness.open(), ann);
    const store = faulty(harness.events, lostRequest, lostRequest);
    const bus = harness.open({ events: store });
    await bus.conversation(conversationId, by(ann, send(newId())));
    expect(store.appends).toHaveLength(3);
    expect(new Set(store.appends.map(({ events }) => events[0]!.id)).size).toBe(1);
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(2);
  });

  it('is recognised by the store when the tail did not show it yet', async () => {
    await using harness = openHarness();
    const conversationId = await startGroup(harness.open(), ann);
    const store = faulty(harness.events, lostReply);
    let reads = 0;
    const lagging = {
      ...store,
      // The second reading of the tail comes before the first append shows.
      readStream: (...[stream, options]: Parameters<typeof store.readStream>) =>
        harness.events.readStream(stream, (reads += 1) === 2 ? { after: 1_000 } : options),
    };
    const bus = harness.open({ events: lagging });
    const outcome = await bus.conversation(conversationId, by(ann, send(newId())));
    expect(outcome).toMatchObject({ revision: 1, events: [{ type: 'MessageSent' }] });
    expect(store.appends).toHaveLength(2);
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(2);
  });

  it('succeeds when others have appended after the lost reply', async () => {
    await using harness = openHarness();
    const other = harness.open();
    const conversationId = await startGroup(other, ann);
    const bus = harness.open({
      events: faulty(harness.events, async (through) => {
        await through();
        await other.conversation(conversationId, by(ann, send(newId())));
        return await lostReply(through, '');
      }),
    });
    const outcome = await bus.conversation(conversationId, by(ann, send(newId())));
    expect(outcome).toMatchObject({ revision: 1, events: [{ data: { seq: 1 } }] });
    const next = await bus.conversation(conversationId, by(ann, send(newId())));
    expect(next).toMatchObject({ revision: 3, events: [{ data: { seq: 3 } }] });
  });

  it('is refused as unavailable in the end, and a repeat finds out what became of it', async () => {
    await using harness = openHarness();
    const conversationId = await startGroup(harness.open(), ann);
    const store = faulty(harness.events, lostReply);
    let down = false;
    const bus = harness.open({
      limits: { attempts: 2, backOffMs: 1 },
      events: {
        ...store,
        append: async (...append) => {
          down = true;
          return await store.append(...append);
        },
        readStream: (...read) => (down ? failing() : store.readStream(...read)),
      },
    });
    const messageId = newId();
    const lost = by(ann, send(messageId));
    await expect(bus.conversation(conversationId, lost)).rejects.toMatchObject({ code: 'server/unavailable' });
    await expect(bus.conversation(conversationId, lost)).rejects.toMatchObject({ code: 'server/unavailable' });
    down = false;
    const repeat = await bus.conversation(conversationId, lost);
    expect(repeat).toMatchObject({ events: [], revision: 1 });
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(2);
  });
});

const failing = (): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => (await lostRequest(async () => ({ revision: 0, position: 0n }), '')) as never,
  }),
});
