import { v7 } from 'uuid';
import { expect, it, onTestFinished, vi } from 'vitest';
import { InProcessPresence } from '../../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import type { UserPresence } from '../../ports/presence.ts';
import { silent } from '../../projections/log.ts';
import { TypingHere } from '../../realtime/typing-here.ts';
import { Watches } from '../../realtime/watches.ts';
import { Client } from './support/client.ts';
import { startNode } from './support/node.ts';

/** The clock goes on, an hour earlier. */
const setClockBack = (): void => {
  const now = Date.now.bind(Date);
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
  onTestFinished(() => clock.mockRestore());
};

it('goes on saying that devices are there when the clock is set back', async () => {
  await using presence = new InProcessPresence();
  const say = vi.spyOn(presence, 'say');
  await using node = await startNode({ presence, settings: { beatMs: 30, sweepMs: 10 } });
  using _client = await Client.ready(node, await node.signIn());
  await expect.poll(() => say.mock.calls.length).toBeGreaterThan(1);
  setClockBack();
  const before = say.mock.calls.length;
  await expect.poll(() => say.mock.calls.length).toBeGreaterThan(before + 1);
});

it('goes on looking at whoever is watched when the clock is set back', async () => {
  await using pubSub = new InProcessPubSub();
  const userId = v7();
  const presence: UserPresence = { state: 'online', seenAt: null, expiresInMs: 30 };
  const service = {
    visibleTo: async () => new Set([userId]),
    presenceOf: vi.fn(async () => new Map([[userId, presence]])),
  };
  const settings = { onlineAfterMs: 30, lookAgainMs: 30, sweepMs: 10, maxWatched: 500 };
  await using watches = new Watches({ service, pubSub, settings, log: silent });
  await watches.watch({ userId: v7(), watched: new Set(), tell: () => {} }, [userId]);
  setClockBack();
  const before = service.presenceOf.mock.calls.length;
  await expect.poll(() => service.presenceOf.mock.calls.length).toBeGreaterThan(before + 1);
});

it('says in time that somebody has stopped typing when the clock is set back', async () => {
  const told: unknown[] = [];
  const tell = (_conversationId: string, _userId: string, frame: () => Buffer): boolean =>
    told.push(JSON.parse(frame().toString()).active) > 0;
  using typing = new TypingHere({ tell, settings: { typingMs: 30, typingRepeatMs: 10 } });
  typing.hear(v7(), v7(), v7(), true);
  setClockBack();
  await expect.poll(() => told).toEqual([true, false]);
});
