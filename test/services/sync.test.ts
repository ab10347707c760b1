import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FeedItem } from '../../schemas/conversation.ts';
import { FeedCopy } from './feed-copy.ts';
import { newId, openHarness } from './harness.ts';
import { openWorld, steps, userCount } from './histories.ts';

describe('sync', () => {
  test('a copy and the changes since any token give a fresh copy, whatever happens between two pages', async () => {
    const history = fc.record({
      user: fc.nat({ max: userCount - 1 }),
      limit: fc.integer({ min: 1, max: 3 }),
      steps: steps(40),
      /** Before which steps the client asks for one page, and before which it is copied to go on from later. */
      asks: fc.array(fc.nat({ max: 39 }), { maxLength: 12 }),
      branches: fc.array(fc.nat({ max: 39 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(history, async ({ user, limit, steps, asks, branches }) => {
        await using harness = await openHarness();
        const { messaging } = harness;
        const world = await openWorld(harness);
        const caller = world.users[user]!;
        const copy = new FeedCopy();
        const kept: FeedCopy[] = [copy];
        for (const [index, step] of steps.entries()) {
          if (asks.includes(index)) await copy.step(messaging, caller, limit);
          if (branches.includes(index)) kept.push(copy.branch());
          await world.take(step);
        }
        await harness.settled();
        const fresh = new FeedCopy();
        await fresh.finish(messaging, caller, 200);
        for (const each of kept) {
          await each.finish(messaging, caller, limit);
          expect(each.sorted()).toEqual(fresh.sorted());
        }
      }),
      { numRuns: 60 },
    );
  });

  test('unread and mentions are what a count of the visible messages gives', async () => {
    await fc.assert(
      fc.asyncProperty(steps(40), async (steps) => {
        await using harness = await openHarness();
        const { messaging } = harness;
        const world = await openWorld(harness);
        for (const step of steps) await world.take(step);
        await harness.settled();
        for (const caller of world.users) {
          const { conversations } = await messaging.sync.sync(caller, undefined, 200);
          for (const { conversation, unread, mentions, lastMessage } of conversations) {
            const { items } = await messaging.history.history(
              caller,
              conversation.conversationId,
              { kind: 'newest' },
              200,
            );
            const after = items.filter(({ seq, deletedAt }) => seq > conversation.me!.readSeq && deletedAt === null);
            expect(unread).toBe(after.length);
            expect(mentions).toBe(after.filter((message) => message.mentions.includes(caller.userId)).length);
            expect(lastMessage?.messageId).toBe(items.at(-1)?.messageId);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('receipts of others are no change', async () => {
    await using harness = await openHarness();
    const { messaging } = harness;
    const { users, conversations } = await openWorld(harness);
    const [ann, ben] = [users[0]!, users[1]!];
    await messaging.messages.send(ann, conversations[0]!, crypto.randomUUID(), { text: 'one' });
    await harness.settled();
    const { token } = await messaging.sync.sync(ann, undefined, 200);
    await messaging.messages.receipt(ben, conversations[0]!, { read: 1 });
    await messaging.conversations.changeOwnView(ben, conversations[0]!, { pinned: true });
    await harness.settled();
    const after = await messaging.sync.sync(ann, token, 200);
    expect(after).toEqual({ conversations: [], left: [], token: expect.any(String), more: false });
  });

  test('what changed comes oldest change first, and without a token the newest activity first', async () => {
    await using harness = await openHarness();
    const { messaging } = harness;
    const { users, conversations } = await openWorld(harness);
    const ann = users[0]!;
    await harness.settled();
    const { token } = await messaging.sync.sync(ann, undefined, 200);
    for (const index of [2, 0, 1]) {
      const { result } = await messaging.messages.send(ann, conversations[index]!, newId(), { text: 'hello' });
      // Activity at the very same moment would be ordered by id.
      await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(Date.parse(result.sentAt));
    }
    await messaging.members.put(ann, conversations[2]!, users[1]!.userId, 'owner');
    await messaging.members.remove(ann, conversations[2]!, ann.userId);
    await harness.settled();
    const ids = (items: readonly FeedItem[]) => items.map(({ conversation }) => conversation.conversationId);
    const changed = await messaging.sync.sync(ann, token, 200);
    expect(ids(changed.conversations)).toEqual([conversations[0], conversations[1]]);
    expect(changed.left).toEqual([conversations[2]]);
    const everything = await messaging.sync.sync(ann, undefined, 200);
    expect(ids(everything.conversations)).toEqual([conversations[1], conversations[0]]);
    expect(everything.left).toEqual([]);
  });

  test('a token of somebody’s own making is refused', async () => {
    await using harness = await openHarness();
    const caller = await harness.join();
    for (const token of ['x', 'WzFd', Buffer.from('[1,"done","07"]').toString('base64url'), 'WzEsImRvbmUiLCI0Il0=']) {
      await expect(harness.messaging.sync.sync(caller, token, 50)).rejects.toMatchObject({ code: 'request/invalid' });
    }
  });
});
