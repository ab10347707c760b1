import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalog } from '../../domain/catalog.ts';
import { conversationStream } from '../../domain/ids.ts';
import type { Caller } from '../../services/caller.ts';
import { createReceiptRecorder } from '../../services/receipts.ts';
import { newId, openHarness, type Harness } from './harness.ts';

let harness: Harness;
let people: readonly Caller[];
beforeAll(async () => {
  harness = await openHarness();
  people = await Promise.all(Array.from({ length: 120 }, () => harness.join()));
});
afterAll(() => harness[Symbol.asyncDispose]());

const crowd = async (size: number): Promise<string> => {
  const memberIds = people.slice(1, size).map(({ userId }) => userId);
  const { conversations, messages } = harness.messaging;
  const { conversationId } = (await conversations.start(people[0]!, { kind: 'group', name: 'Crowd', memberIds }))
    .result;
  for (const text of ['one', 'two', 'three']) await messages.send(people[0]!, conversationId, newId(), { text });
  await harness.settled();
  return conversationId;
};

/** The receipts of each event that has any. */
const recorded = async (conversationId: string) => {
  const found = [];
  for await (const event of harness.events.readStream(conversationStream(conversationId), {})) {
    const decoded = catalog.decode(event);
    if (decoded.type === 'ReceiptsRecorded') found.push(decoded.data.receipts);
  }
  return found;
};

describe('in a conversation of more than 100 members', () => {
  test('receipts of a moment become few events, one entry for each device, as far as it got', async () => {
    const conversationId = await crowd(120);
    const record = createReceiptRecorder({ bus: harness.bus, feed: harness.reads.feed, gatherMs: 50 });
    const readers = people.slice(1, 101);
    const written = await Promise.all(
      readers.flatMap((reader) => [1, 3, 2].map((read) => record(reader, conversationId, { read }))),
    );
    const events = await recorded(conversationId);
    expect(events).toHaveLength(1);
    const expected = readers.map(({ userId, deviceId }) => ({ userId, deviceId, read: 3 }));
    expect(new Set(events[0])).toEqual(new Set(expected));
    const { position } = await harness.messaging.messages.receipt(people[0]!, conversationId, { delivered: 1 });
    expect(written.every((each) => each.result === null && each.position <= position)).toBe(true);
    await harness.settled();
    const member = await harness.reads.feed.member(conversationId, readers[0]!.userId);
    expect(member).toMatchObject({ readSeq: 3, deliveredSeq: 3 });
  });

  test('what is only delivered is accepted, and recorded nowhere', async () => {
    const conversationId = await crowd(101);
    const { messages } = harness.messaging;
    expect(await messages.receipt(people[1]!, conversationId, { delivered: 2 })).toMatchObject({ created: false });
    expect(await recorded(conversationId)).toEqual([]);
  });

  test('a receipt that waited is refused like any other', async () => {
    const conversationId = await crowd(101);
    const record = createReceiptRecorder({ bus: harness.bus, feed: harness.reads.feed, gatherMs: 10 });
    const stranger = await harness.join();
    await expect(record(stranger, conversationId, { read: 1 })).rejects.toMatchObject({
      code: 'conversation/not-found',
    });
  });
});

test('in one of 100 members each receipt is recorded at once, and adjacent ones are one event', async () => {
  const conversationId = await crowd(100);
  const { messages } = harness.messaging;
  const [, ben, cid] = people as [Caller, Caller, Caller];
  await messages.receipt(ben, conversationId, { delivered: 3 });
  await Promise.all([ben, cid].map((each) => messages.receipt(each, conversationId, { read: 2 })));
  const events = await recorded(conversationId);
  expect(events[0]).toEqual([{ userId: ben.userId, deviceId: ben.deviceId, delivered: 3 }]);
  expect(events.length).toBeLessThanOrEqual(3);
  expect(new Set(events.flat())).toContainEqual({ userId: cid.userId, deviceId: cid.deviceId, delivered: 2, read: 2 });
});
