import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { v7 } from 'uuid';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { PubSubUnavailable, type PubSub } from '../../ports/pub-sub.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import { isOfShard, shardsOf } from '../../projections/shards.ts';
import type { Supervisor } from '../../projections/supervisor.ts';
import { countIn, counting, openCounting } from './support/counting.ts';
import { id, sent, started } from './support/facts.ts';
import { faulty } from './support/faulty.ts';

const passed = 10_000;
const deadMs = 200;
const rooms = Array.from({ length: 24 }, (_, index) => id(500 + index));
const streamOf = (room: string): string => `conversation-${room}`;

/** A log, a store of documents, and processes that divide what there is to project. */
const openShared = (pubSub: PubSub = new InProcessPubSub()) => {
  const opened = openCounting();
  const { writer, documents } = opened;
  const counts = new Map(rooms.map((room) => [room, 0]));
  return {
    ...opened,
    async join(options: Parameters<typeof opened.start>[1] = {}) {
      const counted = counting();
      const sharing = { self: v7(), pubSub, beatMs: 20, deadMs };
      const supervisor = await opened.start(counted, { shards: 4, sharing, pollMs: 20, keepMs: 200, ...options });
      return { supervisor, counted };
    },
    /** One more message in every room. */
    async talk() {
      let position = -1n;
      for (const room of rooms) {
        const seq = counts.get(room)! + 1;
        counts.set(room, seq);
        position = await writer.write(
          streamOf(room),
          ...(seq === 1 ? [started({ conversationId: room })] : []),
          sent(seq),
        );
      }
      return position;
    },
    async expectAll(supervisor: Supervisor<'counting'>) {
      const found = await Promise.all(rooms.map((room) => countIn(documents, supervisor, room)));
      expect(found).toEqual(rooms.map((room) => counts.get(room)));
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
};

const isPassed = (supervisor: Supervisor<'counting'>, position: bigint): Promise<boolean> =>
  supervisor.runner('counting').passed(position, passed);

it('puts each stream into one shard, and about as many streams into each', () => {
  const streams = Array.from({ length: 4_000 }, () => streamOf(randomUUID()));
  const sizes = shardsOf(4).map((shard) => streams.filter((stream) => isOfShard(stream, shard)).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(4_000);
  for (const size of sizes) expect(size).toBeGreaterThan(850);
  const timed = Array.from({ length: 4_000 }, () => `user-${v7()}`);
  for (const shard of shardsOf(4))
    expect(timed.filter((stream) => isOfShard(stream, shard)).length).toBeGreaterThan(850);
});

describe('processes that divide a read model', () => {
  it('each project a part of it, and all can be read from everywhere', async () => {
    await using shared = openShared();
    const [one, other] = [await shared.join(), await shared.join()];
    await vi.waitFor(async () => {
      one.counted.asked.length = 0;
      other.counted.asked.length = 0;
      const position = await shared.talk();
      for (const { supervisor } of [one, other]) expect(await isPassed(supervisor, position)).toBe(true);
      expect(one.counted.asked.length + other.counted.asked.length).toBe(rooms.length);
      expect(Math.min(one.counted.asked.length, other.counted.asked.length)).toBeGreaterThan(0);
    }, passed);
    for (const { supervisor } of [one, other]) await shared.expectAll(supervisor);
  });

  it('give a joining one its share, and take over what a leaving one had', async () => {
    await using shared = openShared();
    const first = await shared.join();
    expect(await isPassed(first.supervisor, await shared.talk())).toBe(true);
    const second = await shared.join();
    await vi.waitFor(async () => {
      await isPassed(first.supervisor, await shared.talk());
      expect(second.counted.asked.length).toBeGreaterThan(0);
    }, passed);
    await first.supervisor[Symbol.asyncDispose]();
    const position = await shared.talk();
    expect(await isPassed(second.supervisor, position)).toBe(true);
    await shared.expectAll(second.supervisor);
  });

  it('take over from one that neither works nor says goodbye, and are not disturbed when it wakes up', async () => {
    await using shared = openShared();
    let release: (() => void) | undefined;
    let frozen: Promise<void> | undefined;
    // Whatever the first one asks of the store waits, as if its process was stopped.
    const hanging = new Proxy(shared.documents, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          await frozen;
          return (await Reflect.apply(member, target, args)) as unknown;
        };
      },
    }) as DocumentStore;
    const first = await shared.join({ documents: hanging });
    const second = await shared.join();
    await isPassed(second.supervisor, await shared.talk());
    frozen = new Promise((resolve) => {
      release = resolve;
    });
    const position = await shared.talk();
    // Well before what is dead for long is forgotten, which would have the same effect.
    expect(await second.supervisor.runner('counting').passed(position, 15 * deadMs)).toBe(true);
    await shared.expectAll(second.supervisor);
    release!();
    frozen = undefined;
    const later = await shared.talk();
    for (const { supervisor } of [first, second]) {
      expect(await isPassed(supervisor, later)).toBe(true);
      await shared.expectAll(supervisor);
      expect(supervisor.status()[0]).toMatchObject({ state: 'running', trouble: null });
    }
  });

  it('are followed by one that does not project at all, also when nobody says how far they are', async () => {
    const silent: PubSub = {
      publish: async () => {
        throw new PubSubUnavailable('away');
      },
      subscribe: async () => {
        throw new PubSubUnavailable('away');
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    await using shared = openShared(silent);
    const reader = await shared.join({ projects: false });
    expect(reader.supervisor.status()[0]).toMatchObject({ build: null });
    await shared.join();
    await vi.waitFor(() => expect(reader.supervisor.runner('counting').liveBuild()).toBe('counting.v1.1'), passed);
    for (let round = 0; round < 3; round += 1) {
      expect(await isPassed(reader.supervisor, await shared.talk())).toBe(true);
      await shared.expectAll(reader.supervisor);
    }
    expect(reader.counted.asked).toEqual([]);
  });

  it('move over to a build that one of them makes, without ever showing less than before', async () => {
    await using shared = openShared();
    const [maker, other, reader] = [await shared.join(), await shared.join(), await shared.join({ projects: false })];
    await isPassed(other.supervisor, await shared.talk());
    const rebuilding = maker.supervisor.rebuild('counting');
    for (let round = 0; round < 10; round += 1) {
      const position = await shared.talk();
      for (const { supervisor } of [maker, other, reader]) {
        expect(await isPassed(supervisor, position)).toBe(true);
        await shared.expectAll(supervisor);
      }
    }
    await rebuilding;
    for (const { supervisor } of [maker, other, reader]) {
      await vi.waitFor(() => expect(supervisor.runner('counting').liveBuild()).toBe('counting.v1.2'), passed);
    }
    await vi.waitFor(async () => {
      const names = (await shared.documents.collections()).filter((name) => name.startsWith('counting'));
      expect(names).toEqual(['counting.v1.2.counts']);
    }, passed);
    const position = await shared.talk();
    for (const { supervisor } of [maker, other, reader]) expect(await isPassed(supervisor, position)).toBe(true);
    await shared.expectAll(reader.supervisor);
  });

  it('are parked shard by shard at an event that keeps failing, and go on when resumed', async () => {
    await using shared = openShared();
    const { supervisor, counted } = await shared.join();
    await isPassed(supervisor, await shared.talk());
    counted.broken.add(2);
    const position = await shared.talk();
    await vi.waitFor(() => expect(supervisor.status()[0]!.state).toBe('parked'), passed);
    expect(await supervisor.runner('counting').passed(position, 60_000)).toBe(false);
    counted.broken.clear();
    await vi.waitFor(async () => {
      supervisor.resume('counting');
      expect(supervisor.status()[0]!.state).toBe('running');
      expect(await supervisor.runner('counting').passed(position, 100)).toBe(true);
    }, passed);
    await shared.expectAll(supervisor);
  });

  it('ask for all checkpoints at once', async () => {
    await using shared = openShared();
    const asked: string[] = [];
    const watched = faulty<DocumentStore>(shared.documents, (method) => void asked.push(method));
    await shared.join();
    const reader = await shared.join({ projects: false, documents: watched });
    await isPassed(reader.supervisor, await shared.talk());
    asked.length = 0;
    for (let round = 0; round < 5; round += 1) await isPassed(reader.supervisor, await shared.talk());
    expect(asked).not.toContain('checkpoint');
  });
});
