import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConversationCopy, withoutState } from './conversation-copy.ts';
import { newId, openHarness } from './harness.ts';
import { openWorld, steps, userCount } from './histories.ts';

describe('changes', () => {
  test('a copy at any revision and the changes since give a fresh copy, whatever happens between two pages', async () => {
    const history = fc.record({
      user: fc.nat({ max: userCount - 1 }),
      limit: fc.integer({ min: 1, max: 4 }),
      isLate: fc.boolean(),
      steps: steps(50),
      asks: fc.array(fc.nat({ max: 49 }), { maxLength: 15 }),
      branches: fc.array(fc.nat({ max: 49 }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(history, async ({ user, limit, isLate, steps, asks, branches }) => {
        await using harness = await openHarness();
        const { messaging } = harness;
        const world = await openWorld(harness);
        const caller = world.users[user]!;
        const conversationId = world.conversations[0]!;
        const prelude = ['sinceJoining', 'send', 'send', 'remove', 'add'] as const;
        for (const what of isLate ? prelude : []) {
          await world.take({ what, user: 0, other: user, conversation: 0, message: 0 });
        }
        let copies = [new ConversationCopy()];
        for (const [index, step] of steps.entries()) {
          const state = await harness.bus.conversationState(conversationId);
          if (state.status === 'absent' || !state.members.has(caller.userId)) {
            // Whoever left begins a new copy when he comes back.
            copies = [new ConversationCopy()];
          } else {
            await harness.settled();
            if (asks.includes(index)) await copies[0]!.step(messaging, caller, conversationId, limit);
            if (branches.includes(index)) copies.push(copies[0]!.branch());
          }
          await world.take({ ...step, conversation: step.conversation === 2 ? 0 : step.conversation });
        }
        await harness.settled();
        const fresh = new ConversationCopy();
        const code = await fresh.finish(messaging, caller, conversationId, 200).catch((error) => error.code as string);
        if (code !== undefined) {
          expect(code).toBe('conversation/not-found');
          return;
        }
        for (const copy of copies) {
          await copy.finish(messaging, caller, conversationId, limit);
          expect(copy.content()).toEqual(fresh.content());
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a fresh copy holds what history, members and the conversation itself say', async () => {
    await fc.assert(
      fc.asyncProperty(steps(40), async (steps) => {
        await using harness = await openHarness();
        const { messaging } = harness;
        const world = await openWorld(harness);
        for (const step of steps) await world.take(step);
        await harness.settled();
        const caller = world.users[0]!;
        for (const conversationId of world.conversations) {
          const conversation = await messaging.conversations
            .conversation(caller, conversationId)
            .catch((): undefined => undefined);
          if (!conversation?.me) continue;
          const copy = new ConversationCopy();
          await copy.finish(messaging, caller, conversationId, 3);
          const { items } = await messaging.history.history(caller, conversationId, { kind: 'newest' }, 200);
          const members = await messaging.members.members(caller, conversationId, { limit: 200 });
          const content = copy.content();
          expect(content.conversation).toEqual(conversation);
          expect(content.messages).toEqual(items.map(withoutState));
          expect(new Set(content.members)).toEqual(new Set(members.items));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('a page holds whole revisions: all members of the start at once, and a reply with its root', async () => {
    await using harness = await openHarness();
    const { messaging } = harness;
    const { users, conversations } = await openWorld(harness);
    const [ann, conversationId] = [users[0]!, conversations[0]!];
    const root = newId();
    await messaging.messages.send(ann, conversationId, root, { text: 'root' });
    await messaging.messages.send(users[1]!, conversationId, newId(), { text: 'reply', thread: root });
    const first = await messaging.changes.changes(ann, conversationId, undefined, 1);
    expect(first.members).toHaveLength(1);
    expect(first).toMatchObject({ messages: [], revision: 0, more: true });
    const second = await messaging.changes.changes(ann, conversationId, first.revision, 1);
    expect(second.members).toHaveLength(1);
    expect(second).toMatchObject({ messages: [], revision: 1, more: true });
    const third = await messaging.changes.changes(ann, conversationId, second.revision, 1);
    expect(third.messages.map(({ text, replyCount }) => [text, replyCount])).toEqual([
      ['root', 1],
      ['reply', 0],
    ]);
    expect(third).toMatchObject({ revision: 2, more: false });
    expect(await messaging.changes.changes(ann, conversationId, 2, 1)).toEqual({
      messages: [],
      revision: 2,
      more: false,
    });
  });

  test('what a member could not see, as it is from before he joined, is told when history is opened to all', async () => {
    await using harness = await openHarness();
    const { messaging } = harness;
    const { users } = await openWorld(harness);
    const [ann, ben] = [users[0]!, users[1]!];
    const settings = { history: 'since-joining' } as const;
    const { conversationId } = (await messaging.conversations.start(ann, { kind: 'group', name: 'old', settings }))
      .result;
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await messaging.messages.send(ann, conversationId, id, { text: 'before' });
    await messaging.members.put(ann, conversationId, ben.userId, undefined);
    await messaging.messages.send(ann, conversationId, newId(), { text: 'after' });
    const changes = (since?: number, limit = 50) => messaging.changes.changes(ben, conversationId, since, limit);
    const { revision: since, messages } = await changes();
    expect(messages.map(({ text }) => text)).toEqual(['after']);
    await messaging.messages.react(ann, conversationId, ids[1]!, '👍');
    await messaging.conversations.change(ann, conversationId, { settings: { history: 'all' } });
    await messaging.messages.remove(ann, conversationId, ids[2]!, 'everyone');
    const first = await changes(since, 1);
    expect(first.messages.map(({ messageId }) => messageId)).toEqual([ids[1]]);
    const second = await changes(first.revision, 1);
    expect(second).toMatchObject({ revision: first.revision + 1, more: true });
    expect(second.messages.map(({ messageId }) => messageId)).toEqual([ids[0], ids[1]]);
    const third = await changes(second.revision, 1);
    expect(third.more).toBe(false);
    expect(third.messages.map(({ messageId, text }) => [messageId, text])).toEqual([[ids[2], null]]);
    expect((await changes(third.revision)).messages).toEqual([]);
  });

  test('a revision beyond the conversation is refused, its newest one is not', async () => {
    await using harness = await openHarness();
    const { messaging } = harness;
    const { users, conversations } = await openWorld(harness);
    const asked = (since: number) => messaging.changes.changes(users[0]!, conversations[0]!, since, 50);
    expect(await asked(0)).toEqual({ messages: [], revision: 0, more: false });
    await expect(asked(1)).rejects.toMatchObject({ code: 'request/invalid' });
  });
});
