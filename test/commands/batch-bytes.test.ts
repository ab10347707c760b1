import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { defaultLaneLimits } from '../../commands/lane-limits.ts';
import { conversationStream } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { EventStore } from '../../ports/event-store.ts';
import { startEventStoreDb, type EventStoreDb } from '../servers/event-store-db.ts';
import { faulty } from './faulty-store.ts';
import { by, newId, openHarness, recallFrom, recorded, send, startGroup } from './harness.ts';

const ann = newId();
const longest = { text: 'x'.repeat(limits.textBytes) };

const bytesOf = (events: readonly { readonly data: unknown }[]): number =>
  events.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)), 0);

/** As many messages at once as a lane decides together, all as long as they may be. */
const sendMuch = async (events: EventStore): Promise<readonly number[]> => {
  await using harness = openHarness();
  const store = faulty(events);
  const bus = harness.open({ events: store, recall: recallFrom(events) });
  const conversationId = await startGroup(bus, ann);
  const messageIds = Array.from({ length: defaultLaneLimits.batch }, () => newId());
  const outcomes = await Promise.all(
    messageIds.map((messageId) => bus.conversation(conversationId, by(ann, send(messageId, longest)))),
  );
  expect(outcomes.map(({ revision }) => revision)).toEqual(messageIds.map((_, index) => index + 1));
  const stored = (await recorded(events, conversationStream(conversationId))).slice(1);
  expect(stored.map(({ data }) => (data as { messageId: string }).messageId)).toEqual(messageIds);
  return store.appends.slice(1).map((append) => bytesOf(append.events));
};

describe('the bytes of one append', () => {
  let server: EventStoreDb;
  beforeAll(async () => {
    server = await startEventStoreDb();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('stay within what EventStoreDB takes, however much queued together; all of it is appended in order', async () => {
    await using events = new EventStoreDbEventStore({ url: server.url });
    await sendMuch(events);
  });

  it('are bounded in the same way whatever the store, so that any log can be moved to any store', async () => {
    await using harness = openHarness();
    const appends = await sendMuch(harness.events);
    expect(Math.max(...appends)).toBeLessThanOrEqual(1_048_576);
    expect(appends).toHaveLength(3);
  });

  it('end a batch before the command that would pass them, and never change the order', async () => {
    await using harness = openHarness();
    const store = faulty(harness.events);
    const bus = harness.open({ events: store, limits: { batchBytes: 3_000 } });
    const conversationId = await startGroup(bus, ann);
    const texts = ['a'.repeat(1_400), 'b'.repeat(1_400), 'c', 'd'];
    const outcomes = await Promise.all(
      texts.map((text) => bus.conversation(conversationId, by(ann, send(newId(), { text })))),
    );
    expect(outcomes.map(({ revision }) => revision)).toEqual([1, 2, 3, 4]);
    expect(store.appends.map(({ events }) => events.length)).toEqual([1, 1, 3]);
  });

  it('refuse a command that alone has more, and none of its neighbours', async () => {
    await using harness = openHarness();
    const bus = harness.open({ limits: { batchBytes: 2_000 } });
    const conversationId = await startGroup(bus, ann);
    const texts = ['one', 'x'.repeat(2_000), 'two'];
    const outcomes = await Promise.allSettled(
      texts.map((text) => bus.conversation(conversationId, by(ann, send(newId(), { text })))),
    );
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { revision: 1 } },
      { status: 'rejected', reason: { code: 'request/too-large' } },
      { status: 'fulfilled', value: { revision: 2 } },
    ]);
    expect(await recorded(harness.events, conversationStream(conversationId))).toHaveLength(3);
  });
});
