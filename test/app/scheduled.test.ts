import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { conversationStream } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { expectRefusal, type Answer } from '../api/accounts-client.ts';
import { describeWith } from '../servers/suite.ts';
import { chatOf, type Chat, type Person } from './chat.ts';
import { openCluster, openFolderPlace, type Place } from './cluster.ts';

const soon = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 50 });
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

const addressOf = ({ conversationId }: Chat, messageId?: string): string =>
  `/conversations/${conversationId}/scheduled${messageId === undefined ? '' : `/${messageId}`}`;
const listed = async (chat: Chat, person: Person): Promise<readonly Record<string, unknown>[]> =>
  (await person.get(addressOf(chat))).json['items'] as Record<string, unknown>[];
const said = async ({ conversationId }: Chat, person: Person): Promise<readonly (string | null)[]> => {
  const { json } = await person.get(`/conversations/${conversationId}/messages?limit=200`);
  return (json['items'] as { text: string | null }[]).map(({ text }) => text);
};
const schedule = (chat: Chat, ms: number, body: object, messageId: string = randomUUID()): Promise<Answer> =>
  chat.ann.put(addressOf(chat, messageId), { sendAt: inMs(ms), ...body });

describe('On one server', () => {
  const withChat = async (check: (chat: Chat) => Promise<void>): Promise<void> => {
    await using place = await openFolderPlace();
    await using parley = await place.start();
    await check(await chatOf(parley.url));
  };

  test('a message is sent at its time, with its id and all that it carries, and nobody else knows before', async () => {
    await withChat(async (chat) => {
      const { ann, ben, conversationId } = chat;
      const messageId = randomUUID();
      const content = { text: 'surprise', mentions: ['everyone'], custom: { a: 1 }, expiresInSeconds: 3_600 };
      const sendAt = inMs(1_500);
      const made = await ann.put(addressOf(chat, messageId), { sendAt, ...content });
      const shown = { messageId, conversationId, sendAt, ...content, state: 'pending', failure: null };
      expect(made).toMatchObject({ status: 201, json: shown });
      expect(await ann.put(addressOf(chat, messageId), { sendAt, ...content })).toMatchObject({
        status: 200,
        json: shown,
      });
      expect(await listed(chat, ann)).toMatchObject([shown]);
      expect(await listed(chat, ben)).toEqual([]);
      expect(await said(chat, ben)).toEqual([]);
      const { json } = await ben.get(`/conversations/${conversationId}/changes`);
      expect(json).toMatchObject({ messages: [], revision: 0 });

      await soon(async () => expect(await said(chat, ben)).toEqual(['surprise']));
      expect(Date.now() - Date.parse(sendAt)).toBeLessThan(3_000);
      const sent = (await ben.get(`/conversations/${conversationId}/messages/${messageId}`)).json;
      expect(sent).toMatchObject({ messageId, senderId: ann.userId, text: 'surprise', custom: { a: 1 }, seq: 1 });
      expect((sent['sentAt'] as string) >= sendAt).toBe(true);
      await soon(async () => expect(await listed(chat, ann)).toEqual([]));
      expect(await ann.put(addressOf(chat, messageId), { sendAt, ...content })).toMatchObject({
        status: 200,
        json: { ...shown, state: 'sent' },
      });
      expectRefusal(await schedule(chat, 60_000, { text: 'other' }, messageId), 409, 'message/id-reused');
      expectRefusal(await ann.delete(addressOf(chat, messageId)), 404, 'message/not-found');
    });
  });

  test('a scheduled message can be changed and given up, and is not sent then', async () => {
    await withChat(async (chat) => {
      const [changed, given] = [randomUUID(), randomUUID()];
      expect((await schedule(chat, 60_000, { text: 'first' }, changed)).status).toBe(201);
      expect(await schedule(chat, 2_500, { text: 'second' }, changed)).toMatchObject({
        status: 200,
        json: { text: 'second' },
      });
      expect((await schedule(chat, 2_000, { text: 'never' }, given)).status).toBe(201);
      expect((await chat.ann.delete(addressOf(chat, given))).status).toBe(204);
      expect((await chat.ann.delete(addressOf(chat, given))).status).toBe(204);
      await soon(async () => expect(await said(chat, chat.ben)).toEqual(['second']));
      expect(await listed(chat, chat.ann)).toEqual([]);
    });
  });

  test('what could not be sent now is refused, and so is a time that is past or too far', async () => {
    await withChat(async (chat) => {
      const { ann, ben, conversationId } = chat;
      expectRefusal(await schedule(chat, -1_000, { text: 'late' }), 400, 'request/invalid');
      expectRefusal(await schedule(chat, limits.scheduledAheadMs + 60_000, { text: 'far' }), 400, 'request/invalid');
      expectRefusal(await schedule(chat, 60_000, {}), 400, 'request/invalid');
      expectRefusal(await schedule(chat, 60_000, { text: 'x', replyTo: randomUUID() }), 404, 'message/not-found');
      expectRefusal(await schedule(chat, 60_000, { text: 'x'.repeat(20_000) }), 422, 'message/too-long');
      const nowhere = { ...chat, conversationId: randomUUID() };
      expectRefusal(await schedule(nowhere, 60_000, { text: 'x' }), 404, 'conversation/not-found');
      const sent = await chat.say('there');
      expectRefusal(await schedule(chat, 60_000, { text: 'there' }, sent), 409, 'message/id-reused');
      await ann.patch(`/conversations/${conversationId}`, { settings: { whoMaySend: 'admins' } });
      const asBen = await ben.put(addressOf(chat, randomUUID()), { sendAt: inMs(60_000), text: 'x' });
      expectRefusal(asBen, 403, 'auth/forbidden');
    });
  });

  test('what is refused when its time comes stays in the list with the reason, and is not tried again', async () => {
    await withChat(async (chat) => {
      const { ann, ben, conversationId } = chat;
      const body = { sendAt: inMs(2_500), text: 'too late' };
      const messageId = randomUUID();
      expect((await ben.put(addressOf(chat, messageId), body)).status).toBe(201);
      await ann.patch(`/conversations/${conversationId}`, { settings: { whoMaySend: 'admins' } });
      await soon(async () =>
        expect(await listed(chat, ben)).toMatchObject([{ messageId, state: 'failed', failure: 'auth/forbidden' }]),
      );
      await ann.patch(`/conversations/${conversationId}`, { settings: { whoMaySend: 'members' } });
      expect((await ben.put(addressOf(chat, messageId), { ...body, sendAt: inMs(1_500) })).status).toBe(200);
      await soon(async () => expect(await said(chat, ann)).toEqual(['too late']));
    });
  });

  test('leaving gives up what was scheduled, also for whoever comes back', async () => {
    await withChat(async (chat) => {
      const { ann, ben, conversationId } = chat;
      const mine = addressOf(chat, randomUUID());
      expect((await ben.put(mine, { sendAt: inMs(3_000), text: 'from outside' })).status).toBe(201);
      await ben.delete(`/conversations/${conversationId}/members/me`);
      await ann.put(`/conversations/${conversationId}/members/${ben.userId}`, {});
      await soon(async () => expect(await listed(chat, ben)).toEqual([]));
      expect((await ben.put(mine, { sendAt: inMs(3_000), text: 'from inside' })).status).toBe(201);
      await soon(async () => expect(await said(chat, ann)).toEqual(['from inside']));
    });
  });

  test('an erased account sends nothing more', async () => {
    await withChat(async (chat) => {
      const { ann, ben } = chat;
      await ben.put(addressOf(chat, randomUUID()), { sendAt: inMs(2_500), text: 'from the void' });
      expect((await schedule(chat, 2_800, { text: 'from ann' })).status).toBe(201);
      await ben.delete('/me');
      await soon(async () => expect(await said(chat, ann)).toEqual(['from ann']));
    });
  });
});

/** A little apart, put in any order; the moment by which the last is due. */
const all = Array.from({ length: 20 }, (_, n) => `message ${n}`);
const putAll = async (chat: Chat, ms: number): Promise<number> => {
  const start = Date.now() + ms;
  const order = all.map((_, n) => (n * 7) % all.length);
  const answers = await Promise.all(
    order.map((n) => {
      const sendAt = new Date(start + n * 5).toISOString();
      return chat.ann.put(addressOf(chat, randomUUID()), { sendAt, text: all[n] });
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  return start + all.length * 5;
};

const scenarios = (open: () => Promise<Place>, servers: number): void => {
  test('messages are sent once each, in the order of their times, however many workers there are', async () => {
    await using place = await open();
    await using running = new AsyncDisposableStack();
    const parleys = [];
    for (let n = 0; n < servers; n += 1) parleys.push(running.use(await place.start()));
    const chat = await chatOf(parleys[0]!.url);
    await putAll(chat, 4_000);
    await soon(async () => expect(await said(chat, chat.ben)).toEqual(all));
    await soon(async () => expect(await listed(chat, chat.ann)).toEqual([]));
    let sent = 0;
    for await (const { type } of parleys[0]!.ports.events.readStream(conversationStream(chat.conversationId))) {
      if (type === 'MessageSent') sent += 1;
    }
    expect(sent).toBe(all.length);
  });

  test('what was due while nobody was there is sent at once after a start, in order', async () => {
    await using place = await open();
    let chat: Chat;
    let due: number;
    {
      await using parley = await place.start();
      chat = await chatOf(parley.url);
      due = await putAll(chat, 4_000);
    }
    await soon(async () => expect(Date.now()).toBeGreaterThan(due));
    await using parley = await place.start();
    const there = chat.at(parley.url);
    await soon(async () => expect(await said(there, there.ben)).toEqual(all));
  });
};

describe('On a data folder', () => {
  scenarios(openFolderPlace, 1);
});

describeWith(['mongodb', 'redis'], 'On servers, with two workers', ({ mongodb, redis }) => {
  scenarios(() => openCluster(mongodb, redis), 2);

  test('what is due is done although Redis has forgotten every job', async () => {
    await using place = await openCluster(mongodb, redis);
    await using parley = await place.start();
    const chat = await chatOf(parley.url);
    await chat.say('old');
    await chat.ann.patch(`/conversations/${chat.conversationId}`, { settings: { retentionSeconds: 4 } });
    await schedule(chat, 2_500, { text: 'scheduled' });
    const client = new Redis(redis.url);
    await soon(async () => expect((await parley.ports.jobs.counts()).waiting).toBeGreaterThan(0));
    await client.flushall();
    client.disconnect();
    await soon(async () => expect(await said(chat, chat.ben)).toEqual([null, 'scheduled']));
    await soon(async () => {
      const deleted = [];
      for await (const { type } of parley.ports.events.readStream(conversationStream(chat.conversationId))) {
        if (type === 'MessageDeleted') deleted.push(type);
      }
      expect(deleted).toHaveLength(2);
    });
  });
});
