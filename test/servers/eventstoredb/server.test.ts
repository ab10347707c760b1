import { randomUUID } from 'node:crypto';
import {
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  streamNameFilter,
  type AllStreamSubscription,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startEventStoreDb, type EventStoreDb } from '../event-store-db.ts';

const given = process.env['EVENTSTOREDB_URL'];
let server: EventStoreDb | undefined;
let client: EventStoreDBClient;

beforeAll(async () => {
  if (!given) server = await startEventStoreDb();
  client = EventStoreDBClient.connectionString(given || server!.url);
});
afterAll(async () => {
  await client.dispose();
  await server?.[Symbol.asyncDispose]();
});

const event = (number = 0, id: string = randomUUID()) => jsonEvent({ id, type: 'Happened', data: { number } });
const newStream = (): string => `wire-${randomUUID()}`;
/** Per-call credentials make the client use the call for one append. */
const ways = [
  ['in batches', {}],
  ['one by one', { credentials: { username: 'a', password: 'b' } }],
] as const;

/** What the client rejects with. */
const failureOf = async (work: Promise<unknown>): Promise<object> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as object;
};

const revisionsOf = async (stream: string, options = {}): Promise<bigint[]> => {
  const revisions: bigint[] = [];
  for await (const { event } of client.readStream(stream, options)) revisions.push(event!.revision);
  return revisions;
};

describe.each(ways)('appends %s', (_, way) => {
  test('give the revision and position of the last event, and say what was wrong with the expected one', async () => {
    const stream = newStream();
    const appended = await client.appendToStream(stream, [event(), event()], { ...way, expectedRevision: NO_STREAM });
    expect(appended).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(appended.position!.commit).toBe(appended.position!.prepare);
    const cases = [
      [stream, NO_STREAM, 'no_stream', 1n],
      [stream, 0n, 0n, 1n],
      [stream, 99n, 99n, 1n],
      [newStream(), STREAM_EXISTS, 'stream_exists', 'no_stream'],
      [newStream(), 0n, 0n, 'no_stream'],
    ] as const;
    for (const [streamName, expectedRevision, expectedVersion, actualVersion] of cases) {
      const error = await failureOf(client.appendToStream(streamName, event(), { ...way, expectedRevision }));
      const type = 'wrong-expected-version';
      expect(error).toMatchObject({ type, streamName, expectedVersion, actualVersion, code: undefined, message: '' });
    }
  });

  test('know a repeat by its ids', async () => {
    const stream = newStream();
    const [a, b, c] = [event(1), event(2), event(3)];
    const first = await client.appendToStream(stream, [a, b], { ...way, expectedRevision: NO_STREAM });
    await client.appendToStream(stream, c, { ...way, expectedRevision: 1n });
    for (const expectedRevision of [NO_STREAM, ANY] as const) {
      expect(await client.appendToStream(stream, [a, b], { ...way, expectedRevision })).toEqual(first);
    }
    const partly = client.appendToStream(stream, [c, event()], { ...way, expectedRevision: ANY });
    expect(await failureOf(partly)).toMatchObject({ type: 'wrong-expected-version', expectedVersion: 'any' });
    expect(await revisionsOf(stream)).toEqual([0n, 1n, 2n]);
  });

  test('are bounded by their data, not by their metadata', async () => {
    const stream = newStream();
    const sized = (bytes: number) => jsonEvent({ type: 'Happened', data: 'x'.repeat(bytes - 2) });
    const error = await failureOf(client.appendToStream(stream, sized(1_048_577), way));
    expect(error).toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 });
    await client.appendToStream(stream, sized(1_048_576), way);
    const metadata = { text: 'x'.repeat(2 * 1024 * 1024) };
    await client.appendToStream(stream, jsonEvent({ type: 'Happened', data: {}, metadata }), way);
    expect(await revisionsOf(stream)).toEqual([0n, 1n]);
  });
});

describe('reads', () => {
  test('start at a revision forwards and backwards, and tell a missing stream', async () => {
    const stream = newStream();
    await client.appendToStream(stream, [event(0), event(1), event(2)]);
    expect(await revisionsOf(stream, { fromRevision: 1n })).toEqual([1n, 2n]);
    expect(await revisionsOf(stream, { fromRevision: 3n })).toEqual([]);
    expect(await revisionsOf(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([2n, 1n, 0n]);
    expect(await revisionsOf(stream, { direction: BACKWARDS })).toEqual([0n]);
    expect(await revisionsOf(stream, { maxCount: 2 })).toEqual([0n, 1n]);
    const missing = newStream();
    expect(await failureOf(revisionsOf(missing))).toMatchObject({ type: 'stream-not-found', streamName: missing });
    expect(await failureOf(revisionsOf(stream, { maxCount: 0 }))).toMatchObject({ type: 'unknown', code: 2 });
  });

  test('of the log include the start forwards, and leave it out backwards', async () => {
    const stream = newStream();
    const { position } = await client.appendToStream(stream, event());
    const at = async (options: object): Promise<bigint | undefined> => {
      let position: bigint | undefined;
      for await (const { event } of client.readAll({ maxCount: 1, ...options })) position = event?.position?.commit;
      return position;
    };
    expect(await at({ fromPosition: position })).toBe(position!.commit);
    expect(await at({ fromPosition: position, direction: BACKWARDS })).toBeLessThan(position!.commit);
    expect(await at({ fromPosition: END })).toBe(undefined);
    const inside = { commit: position!.commit + 1n, prepare: position!.commit + 1n };
    expect(await failureOf(at({ fromPosition: inside }))).toMatchObject({ type: 'unknown', code: 2 });
  });

  test('show nothing of a deleted stream, whose numbers go on, and end with a tombstone for ever', async () => {
    const stream = newStream();
    await client.appendToStream(stream, [event(), event(), event()]);
    await client.deleteStream(stream);
    expect(await failureOf(revisionsOf(stream))).toMatchObject({ type: 'stream-not-found' });
    await client.appendToStream(stream, event(), { expectedRevision: NO_STREAM });
    expect(await revisionsOf(stream)).toEqual([3n]);
    await client.tombstoneStream(stream);
    expect(await failureOf(revisionsOf(stream))).toMatchObject({ type: 'stream-deleted', streamName: stream });
    expect(await failureOf(client.appendToStream(stream, event()))).toMatchObject({ type: 'stream-deleted' });
    expect(await failureOf(client.deleteStream(newStream()))).toMatchObject({
      type: 'wrong-expected-version',
      code: 9,
    });
  });
});

describe('subscriptions', () => {
  interface Seen {
    readonly subscription: AllStreamSubscription;
    readonly revisions: bigint[];
    readonly positions: bigint[];
    readonly checkpoints: bigint[];
    caughtUp: number;
  }

  const follow = (prefix: string, fromPosition: typeof START | { commit: bigint; prepare: bigint }): Seen => {
    const checkpoints: bigint[] = [];
    const filter = streamNameFilter({
      prefixes: [prefix],
      maxSearchWindow: 10,
      checkpointInterval: 2,
      checkpointReached: (_, { commit }) => void checkpoints.push(commit),
    });
    const seen: Seen = {
      subscription: client.subscribeToAll({ fromPosition, filter }),
      revisions: [],
      positions: [],
      checkpoints,
      caughtUp: 0,
    };
    seen.subscription
      .on('caughtUp', () => {
        seen.caughtUp += 1;
      })
      .on('data', ({ event }) => {
        seen.revisions.push(event!.revision);
        seen.positions.push(event!.position.commit);
      });
    onTestFinished(() => seen.subscription.unsubscribe());
    return seen;
  };

  test('start after a position, give checkpoints every window times interval, and say when they have caught up', async () => {
    const [stream, other] = [newStream(), newStream()];
    const { position: start } = await client.appendToStream(stream, event());
    await client.appendToStream(
      other,
      Array.from({ length: 50 }, (_, i) => event(i)),
    );
    await client.appendToStream(stream, [event(), event()]);
    const seen = follow(stream, start!);
    await expect.poll(() => seen.caughtUp).toBe(1);
    await expect.poll(() => seen.revisions).toEqual([1n, 2n]);
    // Others may write to the same log meanwhile, which makes more of them.
    await expect.poll(() => seen.checkpoints.length).toBeGreaterThanOrEqual(2);
    await client.appendToStream(stream, event());
    await expect.poll(() => seen.revisions).toEqual([1n, 2n, 3n]);
    for (const commit of seen.checkpoints) {
      const resumed = follow(stream, { commit, prepare: commit });
      const rest = seen.revisions.filter((_, i) => seen.positions[i]! > commit);
      await expect.poll(() => resumed.caughtUp).toBe(1);
      await expect.poll(() => resumed.revisions).toEqual(rest);
    }
  });

  test('wait for the end of a stream that has none yet', async () => {
    const stream = newStream();
    const subscription = client.subscribeToStream(stream, { fromRevision: START });
    onTestFinished(() => subscription.unsubscribe());
    const revisions: bigint[] = [];
    subscription.on('data', ({ event }) => void revisions.push(event!.revision));
    await client.appendToStream(stream, [event(), event()]);
    await expect.poll(() => revisions).toEqual([0n, 1n]);
  });
});

test('a cluster of one is found by its gossip', async () => {
  const url = (given || server!.url).replace(/^esdb(\+discover)?:/, 'esdb+discover:');
  const discovering = EventStoreDBClient.connectionString(url);
  onTestFinished(() => discovering.dispose());
  const stream = newStream();
  expect(await discovering.appendToStream(stream, event())).toMatchObject({ nextExpectedRevision: 0n });
});
