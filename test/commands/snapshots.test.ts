import { describe, expect, it, vi } from 'vitest';
import { conversationStream } from '../../domain/ids.ts';
import { snapshotVersion } from '../../domain/conversation/snapshot.ts';
import type { ConversationState } from '../../domain/conversation/state.ts';
import type { Snapshot, SnapshotStore } from '../../ports/snapshot-store.ts';
import { faulty } from './faulty-store.ts';
import { by, newId, openHarness, send, startGroup, type Harness } from './harness.ts';

const ann = newId();

/** A group of thirty events and the snapshot of its tenth or a later one. */
const grown = async (harness: Harness): Promise<{ conversationId: string; snapshot: Snapshot }> => {
  const bus = harness.open({ limits: { snapshotEvery: 10 } });
  const conversationId = await startGroup(bus, ann);
  for (let i = 1; i < 30; i += 1) await bus.conversation(conversationId, by(ann, send(newId())));
  await bus[Symbol.asyncDispose]();
  const snapshot = await harness.snapshots.load(conversationStream(conversationId));
  if (snapshot === undefined) throw new Error('No snapshot was saved');
  return { conversationId, snapshot };
};

/** Without the heaps: equal ones can be of different shape. */
const comparable = (state: ConversationState): object => ({ ...state, expiry: null, inviteExpiry: null });

const only = (snapshot: Snapshot, calls: string[] = []): SnapshotStore => ({
  load: async () => snapshot,
  save: async () => {},
  drop: async (stream) => void calls.push(stream),
  [Symbol.asyncDispose]: async () => {},
});

describe('snapshots', () => {
  it('are saved every so many events, and give the state that the whole stream gives', async () => {
    await using harness = openHarness();
    const { conversationId, snapshot } = await grown(harness);
    expect(snapshot).toMatchObject({ revision: 29, version: snapshotVersion });
    const firstRead = vi.fn<(after: number | undefined) => void>();
    const events = {
      ...faulty(harness.events),
      readStream: (...[stream, options]: Parameters<Harness['events']['readStream']>) => {
        firstRead(options?.after);
        return harness.events.readStream(stream, options);
      },
    };
    const fromSnapshot = await harness.open({ events }).conversationState(conversationId);
    expect(firstRead.mock.calls.every(([after]) => (after ?? -1) >= 28)).toBe(true);
    const none = { ...only(snapshot), load: async () => undefined };
    const replayed = await harness.open({ snapshots: none }).conversationState(conversationId);
    expect(comparable(fromSnapshot)).toEqual(comparable(replayed));
  });

  it('are completed by the tail of the stream', async () => {
    await using harness = openHarness();
    const { conversationId } = await grown(harness);
    const messageId = newId();
    await harness.open().conversation(conversationId, by(ann, send(messageId)));
    const bus = harness.open();
    expect((await bus.conversation(conversationId, by(ann, send(messageId)))).events).toEqual([]);
    expect(await bus.conversationState(conversationId)).toMatchObject({ lastSeq: 30 });
  });

  it.each([
    ['of another version', { version: snapshotVersion + 1 }],
    ['beyond the end of the stream', { revision: 1_000 }],
    ['of another log', { position: 999_999n }],
    ['that cannot be read', { state: { status: 'open' } }],
  ])('are passed over when they are %s', async (_, change) => {
    await using harness = openHarness();
    const { conversationId, snapshot } = await grown(harness);
    const bus = harness.open({ snapshots: only({ ...snapshot, ...change }) });
    const outcome = await bus.conversation(conversationId, by(ann, send(newId())));
    expect(outcome).toMatchObject({ revision: 30, events: [{ data: { seq: 30 } }] });
  });

  it('do not stop anything when they cannot be read or saved', async () => {
    await using harness = openHarness();
    const { conversationId } = await grown(harness);
    const down = async (): Promise<never> => {
      throw new Error('The disk is full');
    };
    const onSnapshotFailed = vi.fn<(error: unknown, stream: string) => void>();
    const snapshots = { load: down, save: down, drop: down, [Symbol.asyncDispose]: async () => {} };
    const bus = harness.open({ snapshots, onSnapshotFailed, limits: { snapshotEvery: 2 } });
    expect(await bus.conversation(conversationId, by(ann, send(newId())))).toMatchObject({ revision: 30 });
    await bus[Symbol.asyncDispose]();
    expect(onSnapshotFailed.mock.calls).toEqual([
      [new Error('The disk is full'), conversationStream(conversationId)],
      [new Error('The disk is full'), conversationStream(conversationId)],
    ]);
  });
});
