import * as fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFrame } from '../../realtime/protocol.ts';
import { decodePosition, encodePosition } from '../../services/position-token.ts';
import { ownView } from '../../services/views.ts';
import { Client } from './support/client.ts';
import { copyOf } from './support/copy.ts';
import { openHistory, steps } from './support/history.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

type Pushed = Extract<ServerFrame, { type: 'event' | 'me' }>;
const isPushed = (frame: ServerFrame): frame is Pushed => frame.type === 'event' || frame.type === 'me';
const positionOf = ({ position }: { readonly position: string }): bigint => decodePosition(position);
const isEvent = (frame: ServerFrame): frame is Extract<ServerFrame, { type: 'event' }> => frame.type === 'event';

/** What one who was away from `since` on is told, up to ready. */
const missed = async (caller: SignedIn, since: string): Promise<readonly ServerFrame[]> => {
  using client = await Client.ready(node, caller, since);
  expect(client.frames.findIndex(({ type }) => type === 'ready')).toBe(client.frames.length - 1);
  return client.frames.slice(0, -1);
};

const caughtUp = async (): Promise<void> => {
  const head = await node.events.head();
  await expect.poll(() => node.gateway.status().position >= head, { interval: 2 }).toBe(true);
};

describe('whoever comes back with since', () => {
  it('gets, from every position of any history, what one who never left got', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const users = await Promise.all([0, 1, 2].map(() => node.signIn()));
        const watched = users[0]!;
        using live = await Client.ready(node, watched);
        const { play, conversationIds } = await openHistory(node, users);
        for (const step of history) await play(step);
        await caughtUp();
        const ready = live.frames[0] as Extract<ServerFrame, { type: 'ready' }>;
        await live.ask({ type: 'heartbeat' });
        const frames = live.frames.filter(isPushed);
        const whole = copyOf(watched.userId, frames);
        await expectServersHistory(watched, whole, conversationIds);

        const away = await node.signIn(watched.userId);
        for (const since of new Set([ready.position, ...frames.map(({ position }) => position)])) {
          const before = frames.filter((frame) => positionOf(frame) <= decodePosition(since));
          const replayed = (await missed(away, since)).filter(isPushed);
          const after = frames.filter((frame) => positionOf(frame) > decodePosition(since)).filter(isEvent);
          const place = ({ conversationId, revision, position }: (typeof after)[number]) => [
            conversationId,
            revision,
            position,
          ];
          expect(replayed.filter(isEvent).map(place)).toEqual(after.map(place));
          for (const [index, frame] of replayed.filter(isEvent).entries()) {
            if (frame.event.type !== 'hidden') expect(frame.event.type).toBe(after[index]!.event.type);
          }
          const positions = replayed.map(positionOf);
          expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)));
          const copies = copyOf(watched.userId, [...before, ...replayed]);
          expect(withoutViews(copies)).toEqual(withoutViews(whole));
          await expectOwnViews(watched, replayed);
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  const withoutViews = (copy: ReturnType<typeof copyOf>) =>
    new Map([...copy].map(([id, { name, isClosed, messages }]) => [id, { name, isClosed, messages }]));

  /** The copy made of frames holds what the server shows: no less since the user joined, and nothing else. */
  const expectServersHistory = async (
    caller: SignedIn,
    copy: ReturnType<typeof copyOf>,
    conversationIds: readonly string[],
  ): Promise<void> => {
    for (const id of conversationIds) {
      const member = await node.models.feed.member(id, caller.userId);
      if (member === undefined || member.leftAt !== null) continue;
      const visible = { conversationId: id, userId: caller.userId, afterSeq: member.clearedSeq };
      const page = await node.models.timeline.history(visible, { kind: 'newest' }, 200);
      const { messages } = copy.get(id)!;
      const shown = new Map(page.items.map((message) => [message.messageId, message]));
      for (const [messageId, { text, pinned, replyCount, revision, isDeleted }] of messages) {
        const message = shown.get(messageId)!;
        expect({ text, pinned, replyCount, revision, isDeleted }).toEqual({
          text: message.text,
          pinned: message.pinnedAt !== null,
          replyCount: message.replyCount,
          revision: message.revision,
          isDeleted: message.deletedAt !== null,
        });
      }
      const since = page.items.filter(({ seq }) => seq > member.joinedSeq);
      expect(since.filter(({ messageId }) => !messages.has(messageId))).toEqual([]);
    }
  };

  /** A replayed me frame, one at most for each conversation, tells the view as it is now. */
  const expectOwnViews = async (caller: SignedIn, replayed: readonly Pushed[]): Promise<void> => {
    const own = replayed.filter((frame) => frame.type === 'me');
    expect(new Set(own.map(({ conversationId }) => conversationId)).size).toBe(own.length);
    for (const { conversationId, me } of own) {
      const member = (await node.models.feed.member(conversationId, caller.userId))!;
      const conversation = (await node.models.feed.conversation(conversationId))!;
      const [unread] = await node.models.feed.unreadCounts([{ member, conversation }]);
      expect(me).toEqual({ ...ownView(member), unread });
    }
  };

  it('does not get what was deleted meanwhile', async () => {
    const ada = await node.signIn();
    const away = await node.signIn(ada.userId);
    const { conversationId } = (await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' })).result;
    const since = encodePosition(await node.events.head());
    const messageId = v7();
    const { messages } = node.messaging;
    await messages.send(ada, conversationId, messageId, { text: 'regretted', custom: { a: 'regretted' } });
    await messages.edit(ada, conversationId, messageId, { text: 'regretted too' });
    await messages.remove(ada, conversationId, messageId, 'everyone');
    const frames = await missed(away, since);
    expect(JSON.stringify(frames)).not.toContain('regretted');
    const gone = { text: null, custom: null, attachments: [], mentions: [], deletedAt: expect.any(String) };
    expect(frames).toMatchObject([
      { event: { type: 'messageSent', message: gone } },
      { event: { type: 'messageEdited', message: gone } },
      { event: { type: 'messageDeleted', messageId } },
    ]);
  });

  it('learns nothing of a conversation from after he was removed', async () => {
    const [ada, ben] = [await node.signIn(), await node.signIn()];
    const { conversations, members, messages } = node.messaging;
    const since = encodePosition(await node.events.head());
    const { conversationId } = (await conversations.start(ada, { kind: 'group', name: 'old name' })).result;
    await members.put(ada, conversationId, ben.userId, undefined);
    const messageId = v7();
    await messages.send(ada, conversationId, messageId, { text: 'first' });
    await messages.edit(ada, conversationId, messageId, { text: 'second' });
    await members.remove(ada, conversationId, ben.userId);
    await conversations.change(ada, conversationId, { name: 'new name' });
    await messages.edit(ada, conversationId, messageId, { text: 'third' });
    const frames = await missed(ben, since);
    expect(frames).toMatchObject([
      { event: { type: 'memberAdded', conversation: { conversationId, name: null, revision: 1 } } },
      { event: { type: 'messageSent', message: { text: 'first' } } },
      { event: { type: 'hidden' } },
      { event: { type: 'memberRemoved', userId: ben.userId } },
    ]);
  });

  it('gets nothing when nothing was missed, and goes on live without a gap under load', async () => {
    const [ada, ben] = [await node.signIn(), await node.signIn()];
    const group = { kind: 'group' as const, name: 'g', memberIds: [ben.userId] };
    const { conversationId } = (await node.messaging.conversations.start(ada, group)).result;
    using sender = await Client.ready(node, ada);
    let since = encodePosition(await node.events.head());
    expect(await missed(ben, since)).toEqual([]);
    const sending = new AbortController();
    const done = (async () => {
      for (let n = 0; !sending.signal.aborted; n += 1) await sender.send(conversationId, String(n));
    })();
    const revisions: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      using client = await Client.ready(node, ben, since);
      await expect.poll(() => client.events().length, { interval: 1 }).toBeGreaterThan(round % 3);
      const frames = client.frames.filter(isEvent);
      revisions.push(...frames.map(({ revision }) => revision));
      since = frames.at(-1)?.position ?? since;
    }
    sending.abort();
    await done;
    expect(revisions).toEqual(revisions.map((_, n) => n + 1));
  });
});

describe('a resync', () => {
  const sendMany = async (caller: SignedIn, conversationId: string, count: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: count }, () => node.messaging.messages.send(caller, conversationId, v7(), { text: 'a' })),
    );
  };

  it('stands for more than 1,000 events of one conversation', async () => {
    const ada = await node.signIn();
    const away = await node.signIn(ada.userId);
    const { conversationId } = (await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' })).result;
    const since = encodePosition(await node.events.head());
    await sendMany(ada, conversationId, 1_000);
    expect(await missed(away, since)).toHaveLength(1_000);
    await sendMany(ada, conversationId, 1);
    expect(await missed(away, since)).toEqual([{ type: 'resync' }]);
    using client = await Client.ready(node, away, since);
    await sendMany(ada, conversationId, 1);
    expect((await client.event('messageSent')).event.message.seq).toBe(1_002);
  });

  it('stands for more than 10,000 events in all', async () => {
    const ada = await node.signIn();
    const away = await node.signIn(ada.userId);
    const since = encodePosition(await node.events.head());
    for (let n = 0; n < 10; n += 1) {
      const { conversationId } = (await node.messaging.conversations.start(ada, { kind: 'group', name: 'g' })).result;
      await sendMany(ada, conversationId, 999);
    }
    expect(await missed(away, since)).toHaveLength(10_000);
    await node.messaging.conversations.start(ada, { kind: 'group', name: 'one more' });
    expect(await missed(away, since)).toEqual([{ type: 'resync' }]);
  }, 60_000);
});
