import { describe, expect, it, vi } from 'vitest';
import { SqliteSnapshotStore } from '../../adapters/sqlite/snapshot-store.ts';
import type { CommandBus } from '../../commands/command-bus.ts';
import { createCommandBus } from '../../commands/create-command-bus.ts';
import { contactStream, conversationStream, directConversationId } from '../../domain/ids.ts';
import { eraseMembers } from '../../reactions/erase-members.ts';
import { ReactionRunner } from '../../reactions/runner.ts';
import { by, newId, recallFrom, recorded, startGroup } from '../commands/harness.ts';
import { openReadSide, type ReadSide } from '../projections/support/read-side.ts';

interface World extends AsyncDisposable {
  readonly read: ReadSide;
  readonly bus: CommandBus;
  /** Runs the reaction until it is disposed of. */
  run(bus?: CommandBus): ReactionRunner;
}

const openWorld = async (): Promise<World> => {
  const stack = new AsyncDisposableStack();
  const read = stack.use(await openReadSide());
  const { events, documents, tail, readModels } = read;
  const snapshots = stack.use(new SqliteSnapshotStore(':memory:'));
  const bus = stack.use(createCommandBus({ events, snapshots, recall: recallFrom(events) }));
  return {
    read,
    bus,
    run: (through = bus) =>
      new ReactionRunner({
        reaction: eraseMembers({ bus: through, readModels }),
        tail,
        documents,
        backOff: { firstMs: 1, mostMs: 5 },
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

const register = async (bus: CommandBus, userId: string): Promise<void> => {
  const username = `u${userId.slice(-12)}`;
  await bus.user(userId, by(userId, { type: 'RegisterUser', data: { userId, username, displayName: username } }));
};
const erase = async (bus: CommandBus, userId: string): Promise<bigint> =>
  (await bus.user(userId, by(userId, { type: 'EraseUser', data: {} }))).position;

const typesIn = async ({ read }: World, stream: string): Promise<string[]> =>
  (await recorded(read.events, stream)).map(({ type }) => type);
const until = async (runner: ReactionRunner, position: bigint): Promise<void> =>
  await vi.waitFor(() => expect(runner.status().position).toBeGreaterThanOrEqual(position), { timeout: 10_000 });

describe('an erased account', () => {
  it('leaves all its conversations, and what only it owned passes on', async () => {
    await using world = await openWorld();
    const { bus } = world;
    const [ann, bob] = [newId(), newId()];
    await register(bus, ann);
    const owned = await startGroup(bus, ann, [bob]);
    const joined = await startGroup(bus, bob, [ann]);
    const alone = await startGroup(bus, ann);
    const others = await startGroup(bus, bob);
    const direct = directConversationId(ann, bob);
    await bus.conversation(direct, by(ann, { type: 'StartDirect', data: { conversationId: direct, userId: bob } }));
    await using runner = world.run();
    await until(runner, await erase(bus, ann));
    for (const conversationId of [owned, joined, alone, direct]) {
      const state = await bus.conversationState(conversationId);
      expect(state.status === 'absent' || state.members.has(ann)).toBe(false);
    }
    expect(await typesIn(world, conversationStream(owned))).toEqual([
      'ConversationStarted',
      'MemberRoleChanged',
      'MemberRemoved',
    ]);
    expect(await bus.conversationState(alone)).toMatchObject({ status: 'closed' });
    expect(await typesIn(world, conversationStream(others))).toEqual(['ConversationStarted']);
    expect(runner.status()).toMatchObject({ name: 'erase-members', state: 'running', attempts: 0, error: null });
  });

  it('leaves where it was being added or taken into a new conversation while it went', async () => {
    await using world = await openWorld();
    const { bus } = world;
    const [ann, bob] = [newId(), newId()];
    await register(bus, ann);
    await register(bus, bob);
    const group = await startGroup(bus, bob);
    await using runner = world.run();
    await until(runner, await erase(bus, ann));
    await bus.conversation(group, by(bob, { type: 'PutMember', data: { userId: ann } }));
    const begun = await startGroup(bus, bob, [ann]);
    await vi.waitFor(async () => {
      for (const conversationId of [group, begun]) {
        const state = await bus.conversationState(conversationId);
        expect(state.status !== 'absent' && [...state.members.keys()]).toEqual([bob]);
      }
    });
  });

  it('ends its contacts on both sides, and leaves those of others alone', async () => {
    await using world = await openWorld();
    const { bus } = world;
    const [ann, bob, cat] = [newId(), newId(), newId()];
    await register(bus, ann);
    await bus.contact(ann, bob, by(ann, { type: 'PutContact', data: { other: bob } }));
    await bus.contact(ann, bob, by(bob, { type: 'PutContact', data: { other: ann } }));
    await bus.contact(cat, ann, by(cat, { type: 'PutContact', data: { other: ann } }));
    await bus.contact(cat, bob, by(cat, { type: 'PutContact', data: { other: bob } }));
    await using runner = world.run();
    await until(runner, await erase(bus, ann));
    expect(await bus.contactState(ann, bob)).toMatchObject({ contact: null });
    expect(await bus.contactState(ann, cat)).toMatchObject({ contact: null });
    expect(await bus.contactState(cat, bob)).toMatchObject({ contact: { state: 'requested' } });
  });

  it('is dealt with more than one page of contacts', async () => {
    await using world = await openWorld();
    const { bus } = world;
    const ann = newId();
    const others = Array.from({ length: 230 }, newId);
    await register(bus, ann);
    await Promise.all(others.map((other) => bus.contact(ann, other, by(ann, { type: 'PutContact', data: { other } }))));
    await using runner = world.run();
    await until(runner, await erase(bus, ann));
    const states = await Promise.all(others.map((other) => bus.contactState(ann, other)));
    expect(states.filter(({ contact }) => contact !== null)).toEqual([]);
  });

  it('is dealt with once, however often the reaction comes to it', async () => {
    await using world = await openWorld();
    const { bus, read } = world;
    const [ann, bob] = [newId(), newId()];
    await register(bus, ann);
    const group = await startGroup(bus, ann, [bob]);
    await bus.contact(ann, bob, by(ann, { type: 'PutContact', data: { other: bob } }));
    const position = await erase(bus, ann);
    for (let round = 0; round < 3; round += 1) {
      await read.documents.dropCheckpoints(['reaction:erase-members']);
      await using runner = world.run();
      await until(runner, position);
    }
    expect(await typesIn(world, conversationStream(group))).toHaveLength(3);
    expect(await typesIn(world, contactStream(ann, bob))).toEqual(['ContactRequested', 'ContactRemoved']);
  });

  it('waits, visibly, while its commands fail, and is dealt with afterwards', async () => {
    await using world = await openWorld();
    const { bus } = world;
    const [ann, bob] = [newId(), newId()];
    await register(bus, ann);
    const group = await startGroup(bus, ann, [bob]);
    let down = true;
    const failing: CommandBus = {
      ...bus,
      conversation: async (...command) => {
        if (down) throw new TypeError('down');
        return await bus.conversation(...command);
      },
      [Symbol.asyncDispose]: async () => {},
    };
    await using runner = world.run(failing);
    const position = await erase(bus, ann);
    await vi.waitFor(() => expect(runner.status().attempts).toBeGreaterThan(2));
    expect(runner.status()).toMatchObject({ state: 'retrying', error: 'TypeError' });
    expect(runner.status().position).toBeLessThan(position);
    down = false;
    await until(runner, position);
    expect(runner.status()).toMatchObject({ state: 'running', attempts: 0, error: null });
    expect(await typesIn(world, conversationStream(group))).toContain('MemberRemoved');
  });

  it('is not done again after a restart', async () => {
    await using world = await openWorld();
    const { bus, read } = world;
    const ann = newId();
    await register(bus, ann);
    const position = await erase(bus, ann);
    {
      await using runner = world.run();
      await until(runner, position);
    }
    expect(await read.documents.checkpoint('reaction:erase-members')).toBe(position);
    const untouched = vi.fn<CommandBus['conversation']>();
    await using runner = world.run({ ...bus, conversation: untouched, [Symbol.asyncDispose]: async () => {} });
    await until(runner, position);
    expect(untouched).not.toHaveBeenCalled();
  });
});
