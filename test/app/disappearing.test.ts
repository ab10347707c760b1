import { randomUUID } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { describeWith } from '../servers/suite.ts';
import { chatOf, type Chat } from './chat.ts';
import { openCluster, openFolderPlace, type Place } from './cluster.ts';

const soon = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 50 });

const gone = { text: null, custom: null, attachments: [], mentions: [], reactions: [], pinned: false };

/** Shows nothing of it from its last moment on, and has told everyone within a moment. */
const disappearsByItself = async ({ ann, ben, conversationId }: Chat): Promise<void> => {
  const messages = `/conversations/${conversationId}/messages`;
  const messageId = randomUUID();
  const body = { text: 'soon gone', custom: { a: 1 }, mentions: ['everyone'], expiresInSeconds: 2 };
  const sent = await ann.put(`${messages}/${messageId}`, body);
  expect(sent).toMatchObject({ status: 201, json: { text: 'soon gone', expiresAt: expect.any(String) } });
  const end = Date.parse(sent.json['expiresAt'] as string);
  await ann.put(`${messages}/${messageId}/reactions/👍`);
  await ann.patch(`${messages}/${messageId}`, { text: 'edited' });
  await ann.put(`${messages}/${messageId}/pin`);
  const stays = await ann.put(`${messages}/${randomUUID()}`, { text: 'stays', thread: messageId });
  expect(stays.status).toBe(201);
  expect((await ben.get('/sync')).json).toMatchObject({ conversations: [{ unread: 2, mentions: 1 }] });

  for (let isOver = false; !isOver; isOver = Date.now() > end) {
    const before = Date.now();
    const { json } = await ben.get(`${messages}/${messageId}`);
    if (before >= end) expect(json).toMatchObject(gone);
    else if (Date.now() < end) expect(json).toMatchObject({ text: 'edited', deletedAt: null });
  }
  const shown = (await ben.get(`${messages}/${messageId}`)).json;
  expect(shown).toMatchObject({ ...gone, deletedAt: expect.any(String), seq: 1, replyCount: 1 });
  expect((await ben.get(`${messages}/${messageId}/versions`)).json).toEqual({ items: [], next: null });
  expect((await ben.get(`/conversations/${conversationId}/pins`)).json).toMatchObject({ items: [] });
  await soon(async () =>
    expect((await ben.get('/sync')).json).toMatchObject({ conversations: [{ unread: 1, mentions: 0 }] }),
  );
  expect(Date.now() - end).toBeLessThan(3_000);
  const { json } = await ben.get(`/conversations/${conversationId}/changes`);
  const changed = (json['messages'] as { messageId: string; deletedAt: string | null }[]).find(
    (message) => message.messageId === messageId,
  );
  expect(changed).toMatchObject(gone);
  const thread = await ben.get(`/conversations/${conversationId}/threads/${messageId}/messages`);
  expect(thread.json).toMatchObject({ items: [{ text: 'stays' }] });
};

const retentionTakesTheOldOnes = async ({ ann, ben, conversationId, say }: Chat): Promise<void> => {
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await say(text);
  const all = async (): Promise<unknown> => {
    const { json } = await ben.get(`/conversations/${conversationId}/messages`);
    return (json['items'] as { text: string | null }[]).map(({ text }) => text);
  };
  const changed = await ann.patch(`/conversations/${conversationId}`, { settings: { retentionSeconds: 3 } });
  expect(changed.status).toBe(200);
  await soon(async () => expect(await all()).toEqual([null, null, null]));
  await soon(async () =>
    expect((await ben.get('/sync')).json).toMatchObject({
      conversations: [{ unread: 0, lastMessage: { text: null } }],
    }),
  );
  await say('later');
  expect(await all()).toEqual([null, null, null, 'later']);
  await soon(async () =>
    expect((await ben.get('/sync')).json).toMatchObject({
      conversations: [{ unread: 0, lastMessage: { text: null } }],
    }),
  );
  await ann.patch(`/conversations/${conversationId}`, { settings: { retentionSeconds: null } });
  await say('for ever');
  expect(await all()).toEqual([null, null, null, null, 'for ever']);
};

const disappearsAfterARestart = async (place: Place): Promise<void> => {
  let chat: Chat;
  let messageId: string;
  {
    await using parley = await place.start();
    chat = await chatOf(parley.url);
    messageId = randomUUID();
    const body = { text: 'soon gone', expiresInSeconds: 1 };
    await chat.ann.put(`/conversations/${chat.conversationId}/messages/${messageId}`, body);
  }
  await using parley = await place.start();
  const { ben, conversationId } = chat.at(parley.url);
  await soon(async () =>
    expect((await ben.get('/sync')).json).toMatchObject({
      conversations: [{ unread: 0, lastMessage: { text: null } }],
    }),
  );
  expect((await ben.get(`/conversations/${conversationId}/messages/${messageId}`)).json).toMatchObject(gone);
};

const scenarios = (open: () => Promise<Place>, servers: number): void => {
  const withChat = async (check: (chat: Chat) => Promise<void>): Promise<void> => {
    await using place = await open();
    await using running = new AsyncDisposableStack();
    const parleys = [];
    for (let n = 0; n < servers; n += 1) parleys.push(running.use(await place.start()));
    await check((await chatOf(parleys[0]!.url)).at(parleys.at(-1)!.url));
  };
  test('a message shows nothing from its last moment on, and is deleted for everyone within a moment', async () => {
    await withChat(disappearsByItself);
  });
  test('a conversation that limits how long it keeps messages deletes the old ones, and later ones in time', async () => {
    await withChat(retentionTakesTheOldOnes);
  });
  test('a message whose time comes while nobody is there disappears when somebody is', async () => {
    await using place = await open();
    await disappearsAfterARestart(place);
  });
};

describe('On a data folder', () => {
  scenarios(openFolderPlace, 1);
});

describeWith(['mongodb', 'redis'], 'On servers, with two workers', ({ mongodb, redis }) => {
  scenarios(() => openCluster(mongodb, redis), 2);
});
