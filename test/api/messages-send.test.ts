import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedItem } from '../../schemas/conversation.ts';
import type { Message } from '../../schemas/message.ts';
import { expectProblem, newId, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let eve: Person;
let conversationId: string;
let url: string;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, eve] = await Promise.all([server.person(), server.person(), server.person()]);
  conversationId = await ann.group([ben]);
  url = `/conversations/${conversationId}`;
});
afterAll(() => server[Symbol.asyncDispose]());

describe('sending', () => {
  test('answers the message with its place, and so do a repeat and every later look at it', async () => {
    const messageId = newId();
    const mediaId = newId();
    const content = {
      text: 'Frost tonight',
      attachments: [{ mediaId }],
      mentions: [ben.userId, 'everyone', ben.userId],
      custom: { colour: 'blue', deep: [1, { x: null }] },
    };
    const sent = await ann.put<Message>(`${url}/messages/${messageId}`, content);
    expect(sent).toMatchObject({ status: 201, position: expect.any(String) });
    expect(sent.body).toEqual({
      messageId,
      conversationId,
      seq: 1,
      revision: 1,
      senderId: ann.userId,
      sentAt: expect.any(String),
      editedAt: null,
      deletedAt: null,
      text: 'Frost tonight',
      attachments: [{ mediaId }],
      replyTo: null,
      thread: null,
      replyCount: 0,
      lastReplyAt: null,
      forwardedFrom: null,
      mentions: [ben.userId, 'everyone'],
      reactions: [],
      pinned: false,
      expiresAt: null,
      custom: { colour: 'blue', deep: [1, { x: null }] },
      state: 'sent',
    });
    const again = await ann.put<Message>(`${url}/messages/${messageId}`, content);
    expect(again).toEqual({ status: 200, body: sent.body, position: sent.position });
    expect(await ann.get(`${url}/messages/${messageId}`)).toMatchObject({ status: 200, body: sent.body });
    expect(await ben.get(`${url}/messages/${messageId}`)).toMatchObject({ body: { ...sent.body, state: null } });
  });

  test('a repeat answers the message as it is now, at a position that is not before the first one', async () => {
    const messageId = newId();
    const sent = await ann.put<Message>(`${url}/messages/${messageId}`, { text: 'first' });
    await ann.patch(`${url}/messages/${messageId}`, { text: 'second' });
    const again = await ann.put<Message>(`${url}/messages/${messageId}`, { text: 'first' });
    expect(again).toMatchObject({ status: 200, body: { text: 'second', seq: sent.body.seq } });
    expectProblem(await ann.put(`${url}/messages/${messageId}`, { text: 'second' }), 409, 'message/id-reused');
    expectProblem(await ben.put(`${url}/messages/${messageId}`, { text: 'first' }), 409, 'message/id-reused');
    const read = await ann.get(`${url}/messages/${messageId}`, { after: again.position ?? undefined });
    expect(read).toMatchObject({ body: { text: 'second' } });
    await ann.delete(`${url}/messages/${messageId}?for=everyone`);
    expect(await ann.put(`${url}/messages/${messageId}`, { text: 'first' })).toMatchObject({
      status: 200,
      body: { text: null, deletedAt: expect.any(String) },
    });
  });

  test('an old id is known as well as a new one', async () => {
    const messageId = '11111111-1111-4111-8111-111111111111';
    expect(await ann.put(`${url}/messages/${messageId}`, { text: 'v4' })).toMatchObject({ status: 201 });
    expect(await ann.put(`${url}/messages/${messageId}`, { text: 'v4' })).toMatchObject({ status: 200 });
    expectProblem(await ann.put(`${url}/messages/${messageId}`, { text: 'x' }), 409, 'message/id-reused');
  });

  test('moves the sender’s own read pointer, and nobody else’s', async () => {
    const { seq } = await ann.say(conversationId, 'mine');
    expect(await ann.get(url)).toMatchObject({ body: { lastSeq: seq, me: { readSeq: seq, deliveredSeq: seq } } });
    expect(await ben.get(url)).toMatchObject({ body: { me: { readSeq: 0 } } });
  });

  test.each([
    ['no content', {}],
    ['empty content', { text: '', attachments: [], custom: null }],
    ['only mentions', { mentions: ['everyone'] }],
    ['an unknown field', { text: 'x', colour: 'green' }],
    ['a time of expiry in the past', { text: 'x', expiresInSeconds: 0 }],
    ['a time of expiry in two years', { text: 'x', expiresInSeconds: 2 * 366 * 86_400 }],
    ['U+0000', { text: 'a\0b' }],
    ['a lone surrogate', { text: '\ud800' }],
    ['a lone surrogate in custom', { custom: { a: ['\udfff'] } }],
    ['custom that is deeper than 8', { custom: { a: [[[[[[[[1]]]]]]]] } }],
    ['21 attachments', { attachments: Array.from({ length: 21 }, () => ({ mediaId: newId() })) }],
    ['101 mentions', { text: 'x', mentions: Array.from({ length: 101 }, newId) }],
    ['a mention of nobody', { text: 'x', mentions: ['ann'] }],
    ['a number as text', { text: 1 }],
  ])('is refused with %s', async (_, content) => {
    expectProblem(await ann.put(`${url}/messages/${newId()}`, content), 400, 'request/invalid');
  });

  test('counts the bytes of text and custom', async () => {
    const text = 'é'.repeat(8 * 1024);
    expect(await ann.put(`${url}/messages/${newId()}`, { text })).toMatchObject({ status: 201, body: { text } });
    expectProblem(await ann.put(`${url}/messages/${newId()}`, { text: `${text}x` }), 422, 'message/too-long');
    const custom = { a: 'x'.repeat(4096 - 8) };
    expect(await ann.put(`${url}/messages/${newId()}`, { custom })).toMatchObject({ status: 201, body: { custom } });
    const longer = { a: 'x'.repeat(4096 - 7) };
    expectProblem(await ann.put(`${url}/messages/${newId()}`, { custom: longer }), 422, 'message/too-long');
  });

  test('into a conversation that one may not see is refused as if there were none, whatever one sends', async () => {
    expectProblem(await eve.put(`${url}/messages/${newId()}`, { text: 'x' }), 404, 'conversation/not-found');
    const forward = { forwardedFrom: { conversationId, messageId: newId() } };
    expectProblem(await eve.put(`${url}/messages/${newId()}`, forward), 404, 'conversation/not-found');
    expectProblem(
      await ann.put(`/conversations/${newId()}/messages/${newId()}`, forward),
      404,
      'conversation/not-found',
    );
    expectProblem(await eve.put(`${url}/messages/${newId()}`, { text: 1 }), 400, 'request/invalid');
  });

  test('is for admins only where the settings say so', async () => {
    const quiet = await ann.group([ben], { settings: { whoMaySend: 'admins' } });
    expectProblem(await ben.put(`/conversations/${quiet}/messages/${newId()}`, { text: 'x' }), 403, 'auth/forbidden');
    const { messageId } = await ann.say(quiet, 'hear');
    expectProblem(await ben.put(`/conversations/${quiet}/messages/${messageId}/pin`), 403, 'auth/forbidden');
  });
});

describe('replies and threads', () => {
  test('name messages of the same conversation that one can see', async () => {
    const elsewhere = await ann.say(await ann.group(), 'elsewhere');
    const root = await ann.say(conversationId, 'root');
    const reply = await ben.say(conversationId, { text: 'reply', replyTo: root.messageId, thread: root.messageId });
    expect(reply).toMatchObject({ replyTo: root.messageId, thread: { rootId: root.messageId } });
    expect(await ann.get(`${url}/messages/${root.messageId}`)).toMatchObject({
      body: { replyCount: 1, lastReplyAt: reply.sentAt, revision: reply.revision },
    });
    const send = (content: object) => ann.put(`${url}/messages/${newId()}`, { text: 'x', ...content });
    expectProblem(await send({ replyTo: newId() }), 404, 'message/not-found');
    expectProblem(await send({ thread: elsewhere.messageId }), 404, 'message/not-found');
    expectProblem(await send({ thread: reply.messageId }), 400, 'request/invalid');
  });

  test('a thread is read like history, without its root; deleted replies still count', async () => {
    const root = await ann.say(conversationId, 'root');
    const replies: Message[] = [];
    for (const text of ['a', 'b', 'c']) {
      replies.push(await ben.say(conversationId, { text, thread: root.messageId }));
    }
    const thread = `${url}/threads/${root.messageId}/messages`;
    expect(await ann.get(`${thread}?limit=2`)).toMatchObject({
      body: { items: [{ text: 'b' }, { text: 'c' }], hasBefore: true, hasAfter: false },
    });
    expect(await ann.get(`${thread}?after=${replies[0]?.seq}&limit=1`)).toMatchObject({
      body: { items: [{ text: 'b' }], hasBefore: true, hasAfter: true },
    });
    await ann.delete(`${url}/messages/${root.messageId}?for=everyone`);
    await ben.delete(`${url}/messages/${replies[0]?.messageId}?for=everyone`);
    await ann.say(conversationId, { text: 'd', thread: root.messageId });
    expect(await ann.get(`${url}/messages/${root.messageId}`)).toMatchObject({ body: { replyCount: 4, text: null } });
    expect(await ann.get(thread)).toMatchObject({
      body: { items: [{ text: null }, { text: 'b' }, { text: 'c' }, { text: 'd' }] },
    });
    expectProblem(await ann.get(`${url}/threads/${newId()}/messages`), 404, 'message/not-found');
    expectProblem(await eve.get(thread), 404, 'conversation/not-found');
  });
});

describe('forwarding', () => {
  test('copies what it names, without its mentions, unless there is content of its own', async () => {
    const mine = await ann.group();
    const mediaId = newId();
    const source = await ann.say(conversationId, {
      text: 'original',
      attachments: [{ mediaId }],
      custom: { a: 1 },
      mentions: [ben.userId],
    });
    const forwardedFrom = { conversationId, messageId: source.messageId };
    const copied = await ann.say(mine, { forwardedFrom });
    expect(copied).toMatchObject({
      text: 'original',
      attachments: [{ mediaId }],
      custom: { a: 1 },
      mentions: [],
      forwardedFrom,
    });
    expect(await ann.say(mine, { forwardedFrom, text: 'see' })).toMatchObject({
      text: 'see',
      attachments: [],
      forwardedFrom,
    });
    const { body } = await ann.get<{ items: FeedItem[] }>('/conversations');
    expect(body.items[0]).toMatchObject({ lastMessage: { text: 'see', kind: 'forwarded' } });
  });

  test('is refused for what the sender cannot see, also with content of its own', async () => {
    const hers = await eve.group();
    const { messageId } = await ann.say(conversationId, 'secret');
    const deleted = await ann.say(conversationId, 'gone');
    await ann.delete(`${url}/messages/${deleted.messageId}?for=everyone`);
    const send = (person: Person, into: string, forwardedFrom: object, text?: string) =>
      person.put(`/conversations/${into}/messages/${newId()}`, { forwardedFrom, ...(text && { text }) });
    expectProblem(await send(eve, hers, { conversationId, messageId }), 404, 'message/not-found');
    expectProblem(await send(eve, hers, { conversationId, messageId }, 'x'), 404, 'message/not-found');
    const gone = { conversationId, messageId: deleted.messageId };
    expectProblem(await send(ann, conversationId, gone), 404, 'message/not-found');
  });

  test('repeated after its source was deleted is still a repeat', async () => {
    const source = await ann.say(conversationId, 'soon gone');
    const content = { forwardedFrom: { conversationId, messageId: source.messageId } };
    const messageId = newId();
    const sent = await ben.put<Message>(`${url}/messages/${messageId}`, content);
    await ann.delete(`${url}/messages/${source.messageId}?for=everyone`);
    expect(await ben.put(`${url}/messages/${messageId}`, content)).toMatchObject({ status: 200, body: sent.body });
  });
});
